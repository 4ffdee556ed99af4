package io.pgnode.gateway.pooler;

import io.pgnode.net.Chunk;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The prepared statements of one event loop's clients, by content; the ones used longest ago are
 * forgotten when they hold too much memory. Who still has a forgotten one keeps it. Confined to the
 * loop.
 */
final class StatementTable {
    private static final long MAX_BYTES = 64L << 20;

    private final Map<ByteKey, Statement> statements = new LinkedHashMap<>(64, 0.75f, true);
    private final ByteKey probe = new ByteKey();
    private final int loops;
    private long nextId;
    private long bytes;

    /**
     * @param loop number of this loop of {@code loops}, so that ids are unique among all
     */
    StatementTable(int loop, int loops) {
        this.loops = loops;
        this.nextId = loop + (long) loops;
    }

    /** The statement whose Parse has this content in {@code [from, end)}. */
    Statement find(Chunk parse, int from, int end) {
        probe.fill(parse, from, end);
        return find();
    }

    /** The statement with this content, which {@link Statement#ofSql} made. */
    Statement find(byte[] content) {
        probe.fill(content);
        return find();
    }

    private Statement find() {
        Statement known = statements.get(probe);
        if (known != null) {
            return known;
        }
        Statement created = new Statement(nextId, probe.copy());
        nextId += loops;
        statements.put(created.content(), created);
        bytes += created.weight();
        forgetOldest();
        return created;
    }

    /**
     * A statement of the same content and another name: whoever calls the old one means it from now
     * on. On servers that have the old one, that is not used any more.
     */
    Statement renew(Statement old) {
        Statement current = old.current();
        if (current != old) {
            return current;
        }
        Statement next = new Statement(nextId, old.content());
        nextId += loops;
        old.replaceBy(next);
        statements.computeIfPresent(old.content(), (_, _) -> next);
        return next;
    }

    private void forgetOldest() {
        Iterator<Statement> oldest = statements.values().iterator();
        while (bytes > MAX_BYTES && statements.size() > 1) {
            bytes -= oldest.next().weight();
            oldest.remove();
        }
    }

    int size() {
        return statements.size();
    }

    /** A key for look-ups that keep nothing of it. */
    ByteKey probe() {
        return probe;
    }

    /** What one client calls its statements. */
    static final class Names {
        /** Made with the first statement: most clients that idle have none. */
        private @Nullable LinkedHashMap<ByteKey, Named> byName;

        /** What was found last, which is asked for again as a rule. */
        private @Nullable Named last;

        private record Named(ByteKey name, Statement statement) {}

        /**
         * @param probe a key to look up with, of the loop
         */
        @Nullable Statement find(ByteKey probe, Chunk message, int from, int end) {
            Named known = last;
            if (known != null && message.is(known.name().bytes(), from, end)) {
                return known.statement().current();
            }
            return byName == null ? null : find(byName, probe.fill(message, from, end));
        }

        @Nullable Statement find(ByteKey probe, String name) {
            return byName == null ? null : find(byName, probe.fill(bytes(name)));
        }

        private @Nullable Statement find(Map<ByteKey, Named> all, ByteKey name) {
            Named known = all.get(name);
            last = known;
            return known == null ? null : known.statement().current();
        }

        void put(ByteKey probe, Chunk message, int from, int end, Statement statement) {
            put(probe.fill(message, from, end), statement);
        }

        void put(ByteKey probe, String name, Statement statement) {
            put(probe.fill(bytes(name)), statement);
        }

        private void put(ByteKey name, Statement statement) {
            if (byName == null) {
                byName = new LinkedHashMap<>();
            }
            last = new Named(name.copy(), statement);
            byName.put(last.name(), last);
        }

        void remove(ByteKey probe, String name) {
            remove(probe.fill(bytes(name)));
        }

        void remove(ByteKey probe, Chunk message, int from, int end) {
            remove(probe.fill(message, from, end));
        }

        private void remove(ByteKey name) {
            last = null;
            if (byName != null) {
                byName.remove(name);
            }
        }

        private static byte[] bytes(String name) {
            return name.getBytes(StandardCharsets.UTF_8);
        }

        /** The last name that was given to the statement; earlier ones were given rightly. */
        void remove(long id) {
            if (byName == null) {
                return;
            }
            last = null;
            Iterator<Named> latest = byName.sequencedValues().reversed().iterator();
            while (latest.hasNext()) {
                if (latest.next().statement().current().id() == id) {
                    latest.remove();
                    return;
                }
            }
        }

        void clear() {
            byName = null;
            last = null;
        }

        int size() {
            return byName == null ? 0 : byName.size();
        }
    }
}
