package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
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
    Statement find(ByteBuf parse, int from, int end) {
        probe.fill(parse, from, end);
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

    /** What one client calls its statements. */
    static final class Names {
        private final Map<ByteKey, Statement> byName = new java.util.HashMap<>();
        private final ByteKey probe = new ByteKey();

        @Nullable Statement find(ByteBuf message, int from, int end) {
            return byName.isEmpty() ? null : byName.get(probe.fill(message, from, end));
        }

        void put(ByteBuf message, int from, int end, Statement statement) {
            byName.put(probe.fill(message, from, end).copy(), statement);
        }

        void remove(ByteBuf message, int from, int end) {
            byName.remove(probe.fill(message, from, end));
        }

        void remove(long id) {
            byName.values().removeIf(statement -> statement.id() == id);
        }

        void clear() {
            byName.clear();
        }

        int size() {
            return byName.size();
        }
    }
}
