package io.pgnode.gateway.pooler.console;

import io.netty.buffer.ByteBuf;
import io.pgnode.wire.BackendMessages.Column;
import java.nio.charset.StandardCharsets;

/** Values in PostgreSQL's binary format, as drivers ask for them after a few executions. */
final class Binary {
    private static final int INT4 = 23;
    private static final int INT8 = 20;
    private static final int NUMERIC = 1700;
    private static final int BASE = 10_000;
    private static final int NEGATIVE = 0x4000;

    private Binary() {}

    /** Length and value. */
    static void write(ByteBuf out, Column column, String text) {
        switch (column.typeOid()) {
            case INT4 -> {
                out.writeInt(4);
                out.writeInt(Integer.parseInt(text));
            }
            case INT8 -> {
                out.writeInt(8);
                out.writeLong(Long.parseLong(text));
            }
            case NUMERIC -> numeric(out, Long.parseLong(text));
            default -> {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                out.writeInt(bytes.length);
                out.writeBytes(bytes);
            }
        }
    }

    /** Digits of base 10000, the most significant first. */
    private static void numeric(ByteBuf out, long value) {
        short[] digits = new short[5];
        int count = 0;
        for (long rest = Math.abs(value); rest > 0; rest /= BASE) {
            digits[count++] = (short) (rest % BASE);
        }
        out.writeInt(8 + 2 * count);
        out.writeShort(count);
        out.writeShort(Math.max(0, count - 1));
        out.writeShort(value < 0 ? NEGATIVE : 0);
        out.writeShort(0); // no fraction
        for (int i = count - 1; i >= 0; i--) {
            out.writeShort(digits[i]);
        }
    }
}
