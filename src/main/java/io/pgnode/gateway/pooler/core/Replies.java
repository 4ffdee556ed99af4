package io.pgnode.gateway.pooler.core;

/**
 * What a server still has to answer, in order, and what becomes of each answer: forwarded,
 * swallowed because we asked, or made up because the server was not asked. While this is not empty
 * the server belongs to its client.
 *
 * <p>After an error in the extended protocol the server skips everything up to the next Sync, and
 * so does this. Free of allocation but for growing. Confined to one thread.
 */
public final class Replies {
    /** A simple query: answers up to ReadyForQuery. */
    public static final int QUERY = 1;

    /** A function call: answers up to ReadyForQuery. */
    public static final int FUNCTION_CALL = 2;

    public static final int SYNC = 3;
    public static final int PARSE = 4;
    public static final int BIND = 5;
    public static final int DESCRIBE = 6;
    public static final int EXECUTE = 7;
    public static final int CLOSE = 8;

    /** Added to a kind: the answer is not for the client. */
    public static final int SWALLOW = 0x10;

    /** Added to a kind: the server is not asked, {@link #nextFake} tells when to answer. */
    public static final int FAKE = 0x20;

    /** On the last request before a CopyDone or CopyFail that came before the copy began. */
    private static final int COPY_ENDED = 0x40;

    /** What to do with a message of the server. */
    public enum Verdict {
        FORWARD,
        SWALLOW,
        /** The message ends what the server owed; it is forwarded. */
        READY,
        /** The same, but the answer was to a request of ours, and is swallowed. */
        SWALLOW_READY,
        /** Nobody asked for that: the connection is out of step and must be closed. */
        UNEXPECTED
    }

    private static final int KIND = 0x0F;
    private static final int FLAGS = 0xFF;
    private static final int ID_SHIFT = 8;

    private long[] ring = new long[16];
    private int head;
    private int size;
    private boolean isSkipping;
    private boolean isUnsynced;
    private boolean isCopying;
    private boolean sawError;
    private long failed;
    private int failedSize;
    private long queries;

    public boolean isEmpty() {
        return size == 0;
    }

    public int size() {
        return size;
    }

    /** Learns what happened to statements when the server skipped or refused a request. */
    public interface Dropped {
        /**
         * A request with an id did not happen.
         *
         * @param kind as it was added
         * @param id of its statement
         */
        void request(int kind, long id);
    }

    /** How many simple queries there were; each ends the server's unnamed statement. */
    public long queries() {
        return queries;
    }

    /** A request was sent, or, with {@link #FAKE}, was not. */
    public void add(int kind) {
        add(kind, 0);
    }

    /**
     * @param id of the statement that is parsed, prepared, described, bound or closed; zero for
     *     none
     */
    public void add(int kind, long id) {
        int what = kind & KIND;
        if (isSkipping) {
            if (what != SYNC) {
                return;
            }
            isSkipping = false;
        } else if (isCopying && what == SYNC) {
            return;
        }
        if ((kind & FAKE) == 0) {
            isUnsynced = what >= PARSE;
        }
        if (what == QUERY) {
            queries++;
        }
        if (size == ring.length) {
            grow();
        }
        ring[head + size & ring.length - 1] = id << ID_SHIFT | kind;
        size++;
    }

    /** Whether what is added now is skipped by the server: a Parse does not happen. */
    public boolean isSkipping() {
        return isSkipping;
    }

    private void grow() {
        long[] larger = new long[ring.length * 2];
        for (int i = 0; i < size; i++) {
            larger[i] = ring[head + i & ring.length - 1];
        }
        ring = larger;
        head = 0;
    }

    private int first() {
        return size == 0 ? 0 : (int) ring[head] & FLAGS;
    }

    private void pop() {
        head = head + 1 & ring.length - 1;
        size--;
    }

    /**
     * Whether the last thing that the server was asked ends in ReadyForQuery; if not, it waits for
     * a Sync, in a transaction or skipping everything else, even when nothing is to be answered.
     */
    public boolean endsInReady() {
        return !isUnsynced;
    }

    /**
     * The client ends its COPY: from here on a Sync counts again. The server ignores each Sync that
     * comes between Execute and this.
     */
    public void endCopy() {
        if (isCopying) {
            isCopying = false;
        } else if (size > 0) {
            ring[head + size - 1 & ring.length - 1] |= COPY_ENDED;
        }
    }

    /** The server asks for copy data; it will not see the Syncs that were sent already. */
    private void beginCopy() {
        isCopying = ((int) ring[head] & COPY_ENDED) == 0;
        while (isCopying && size > 1 && ((int) ring[head + 1 & ring.length - 1] & KIND) == SYNC) {
            isCopying = ((int) ring[head + 1 & ring.length - 1] & COPY_ENDED) == 0;
            ring[head + 1 & ring.length - 1] = ring[head];
            pop();
            isUnsynced |= size == 1;
        }
    }

    /** Whether the next answer is to be made up. */
    public boolean isFakeNext() {
        return (first() & FAKE) != 0;
    }

    /** Whether the server works on a query of ours that its client does not know of. */
    public boolean isOwnQueryNext() {
        return (first() & (KIND | SWALLOW)) == (QUERY | SWALLOW);
    }

    /** The kind of the answer that is to be made up now, taken out; zero when there is none. */
    public int nextFake() {
        int first = first();
        if ((first & FAKE) == 0) {
            return 0;
        }
        pop();
        return first & KIND;
    }

    /** Judges a message of the server by its type byte. */
    public Verdict on(byte tag, Dropped dropped) {
        int first = first();
        int kind = first & KIND;
        boolean swallow = (first & SWALLOW) != 0;
        return switch (tag) {
            case '1' -> take(kind == PARSE, swallow);
            case '2' -> take(kind == BIND, swallow);
            case '3' -> take(kind == CLOSE, swallow);
            case 'n' -> take(kind == DESCRIBE, swallow);
            case 'T' -> kind == DESCRIBE ? take(true, swallow) : forward(kind == QUERY, swallow);
            case 'C', 'I', 's' ->
                    kind == EXECUTE ? take(true, swallow) : forward(kind == QUERY, swallow);
            case 'E' -> onError(kind, swallow, dropped);
            case 'Z' -> onReady(kind, swallow);
            case 'N', 'A', 'S' -> Verdict.FORWARD;
            case 'G' -> {
                if (kind == EXECUTE) {
                    beginCopy();
                }
                yield forward(size > 0, swallow);
            }
            // Rows, copy data and the like belong to what is being answered.
            default -> forward(size > 0, swallow);
        };
    }

    /** Whether the next answer is not for the client. */
    public boolean isSwallowing() {
        return (first() & SWALLOW) != 0;
    }

    private Verdict take(boolean expected, boolean swallow) {
        if (expected) {
            pop();
        }
        return forward(expected, swallow);
    }

    private static Verdict forward(boolean expected, boolean swallow) {
        if (!expected) {
            return Verdict.UNEXPECTED;
        }
        return swallow ? Verdict.SWALLOW : Verdict.FORWARD;
    }

    private Verdict onError(int kind, boolean swallow, Dropped dropped) {
        isCopying = false;
        if (size == 0) {
            return Verdict.UNEXPECTED;
        }
        failed = kind == BIND || kind == DESCRIBE ? ring[head] >>> ID_SHIFT : 0;
        failedSize = size;
        if (kind == QUERY || kind == FUNCTION_CALL) {
            sawError |= swallow;
            long prepared = ring[head] >>> ID_SHIFT;
            if (prepared != 0) {
                dropped.request(first() & ~COPY_ENDED, prepared);
            }
            return swallow ? Verdict.SWALLOW : Verdict.FORWARD;
        }
        // Also for a request of ours: the client's own request depends on it and fails by this.
        while (size > 0 && (first() & KIND) != SYNC) {
            long id = ring[head] >>> ID_SHIFT;
            int what = first() & KIND;
            if (id != 0 && (what == PARSE || what == CLOSE)) {
                dropped.request(first() & ~COPY_ENDED, id);
            }
            pop();
        }
        isSkipping = size == 0;
        return Verdict.FORWARD;
    }

    /** The statement of the Bind or Describe that failed last; zero for anything else. */
    public long failed() {
        return failed;
    }

    /** How many answers were outstanding when a message of the extended protocol failed last. */
    public int failedSize() {
        return failedSize;
    }

    /** The client shall not see the end of what failed: the only thing that is outstanding. */
    public void swallowReady() {
        if (size != 1 || (first() & KIND) != SYNC) {
            throw new IllegalStateException("more than a Sync is outstanding");
        }
        ring[head] |= SWALLOW;
    }

    private Verdict onReady(int kind, boolean swallow) {
        if (kind != QUERY && kind != FUNCTION_CALL && kind != SYNC) {
            return Verdict.UNEXPECTED;
        }
        isCopying = false;
        pop();
        return swallow ? Verdict.SWALLOW_READY : Verdict.READY;
    }

    /** Whether a request of ours failed since the last call. */
    public boolean takeError() {
        boolean error = sawError;
        sawError = false;
        return error;
    }
}
