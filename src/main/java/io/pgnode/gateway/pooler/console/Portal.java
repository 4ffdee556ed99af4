package io.pgnode.gateway.pooler.console;

import io.netty.buffer.ByteBuf;
import io.pgnode.wire.BackendMessages;
import io.pgnode.wire.BackendMessages.Column;
import io.pgnode.wire.BackendTag;
import io.pgnode.wire.Frames;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A bound statement, and the rows of it that were not fetched yet. Confined to its session. */
final class Portal {
    private final Command command;
    private final List<Boolean> isBinary;
    private Answer.@Nullable Rows rows;
    private int next;

    /**
     * @param isBinary by column; one for all of them, or none, which means text
     */
    Portal(Command command, List<Boolean> isBinary) {
        this.command = command;
        this.isBinary = List.copyOf(isBinary);
    }

    Command command() {
        return command;
    }

    boolean isBinary(int column) {
        return switch (isBinary.size()) {
            case 0 -> false;
            case 1 -> isBinary.getFirst();
            default -> column < isBinary.size() && isBinary.get(column);
        };
    }

    /** Whether it was executed, and has rows left. */
    boolean isBegun() {
        return rows != null;
    }

    void begin(Answer.Rows result) {
        rows = result;
        next = 0;
    }

    void describe(ByteBuf out) {
        List<Column> columns = command.columns();
        if (columns.isEmpty()) {
            BackendMessages.bare(out, BackendTag.NO_DATA);
            return;
        }
        int begun = Frames.begin(out, BackendTag.ROW_DESCRIPTION);
        out.writeShort(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            Frames.writeString(out, column.name());
            out.writeInt(0); // no table
            out.writeShort(0);
            out.writeInt(column.typeOid());
            out.writeShort(column.typeSize());
            out.writeInt(-1); // no type modifier
            out.writeShort(isBinary(i) ? 1 : 0);
        }
        Frames.end(out, begun);
    }

    /**
     * Writes rows, and how it ended.
     *
     * @param max zero for all
     */
    void fetch(ByteBuf out, int max) {
        Answer.Rows all = rows;
        if (all == null) {
            throw new IllegalStateException("the portal was not executed");
        }
        List<List<@Nullable String>> lines = all.table().rows();
        int end = max <= 0 ? lines.size() : Math.min(lines.size(), next + max);
        while (next < end) {
            row(out, all.table().columns(), lines.get(next++));
        }
        if (next < lines.size()) {
            BackendMessages.bare(out, BackendTag.PORTAL_SUSPENDED);
        } else {
            BackendMessages.commandComplete(out, all.tag());
        }
    }

    private void row(ByteBuf out, List<Column> columns, List<@Nullable String> values) {
        if (isBinary.isEmpty()) {
            BackendMessages.dataRow(out, values);
            return;
        }
        int begun = Frames.begin(out, BackendTag.DATA_ROW);
        out.writeShort(values.size());
        for (int i = 0; i < values.size(); i++) {
            String value = values.get(i);
            if (value == null) {
                out.writeInt(-1);
            } else if (isBinary(i)) {
                Binary.write(out, columns.get(i), value);
            } else {
                byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
                out.writeInt(bytes.length);
                out.writeBytes(bytes);
            }
        }
        Frames.end(out, begun);
    }
}
