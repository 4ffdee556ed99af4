package io.pgnode.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the messages that a server sends. */
public final class BackendMessages {
    private static final int AUTH_OK = 0;
    private static final int AUTH_CLEARTEXT = 3;
    private static final int AUTH_MD5 = 5;
    private static final int AUTH_SASL = 10;
    private static final int AUTH_SASL_CONTINUE = 11;
    private static final int AUTH_SASL_FINAL = 12;
    private static final int PROTOCOL_3_0 = 3 << 16;

    /**
     * A column of a result in text format.
     *
     * @param typeOid pg_type.oid
     * @param typeSize pg_type.typlen; negative for variable
     */
    public record Column(String name, int typeOid, int typeSize) {
        public static Column text(String name) {
            return new Column(name, 25, -1);
        }

        public static Column int4(String name) {
            return new Column(name, 23, 4);
        }

        public static Column int8(String name) {
            return new Column(name, 20, 8);
        }

        public static Column numeric(String name) {
            return new Column(name, 1700, -1);
        }
    }

    private BackendMessages() {}

    public static void authenticationOk(ByteBuf out) {
        authentication(out, AUTH_OK, new byte[0]);
    }

    public static void authenticationCleartext(ByteBuf out) {
        authentication(out, AUTH_CLEARTEXT, new byte[0]);
    }

    /**
     * @param salt four bytes
     */
    public static void authenticationMd5(ByteBuf out, byte[] salt) {
        authentication(out, AUTH_MD5, salt);
    }

    public static void authenticationSasl(ByteBuf out, List<String> mechanisms) {
        int begun = Frames.begin(out, BackendTag.AUTHENTICATION);
        out.writeInt(AUTH_SASL);
        mechanisms.forEach(mechanism -> Frames.writeString(out, mechanism));
        out.writeByte(0);
        Frames.end(out, begun);
    }

    public static void authenticationSaslContinue(ByteBuf out, String data) {
        authentication(out, AUTH_SASL_CONTINUE, data.getBytes(StandardCharsets.UTF_8));
    }

    public static void authenticationSaslFinal(ByteBuf out, String data) {
        authentication(out, AUTH_SASL_FINAL, data.getBytes(StandardCharsets.UTF_8));
    }

    private static void authentication(ByteBuf out, int kind, byte[] data) {
        int begun = Frames.begin(out, BackendTag.AUTHENTICATION);
        out.writeInt(kind);
        out.writeBytes(data);
        Frames.end(out, begun);
    }

    /** Says that we speak 3.0, and which options we do not know. */
    public static void negotiateProtocolVersion(ByteBuf out, List<String> unknownOptions) {
        int begun = Frames.begin(out, BackendTag.NEGOTIATE_PROTOCOL_VERSION);
        out.writeInt(PROTOCOL_3_0);
        out.writeInt(unknownOptions.size());
        unknownOptions.forEach(option -> Frames.writeString(out, option));
        Frames.end(out, begun);
    }

    public static void parameterStatus(ByteBuf out, String name, String value) {
        int begun = Frames.begin(out, BackendTag.PARAMETER_STATUS);
        Frames.writeString(out, name);
        Frames.writeString(out, value);
        Frames.end(out, begun);
    }

    public static void backendKeyData(ByteBuf out, CancelKey key) {
        int begun = Frames.begin(out, BackendTag.BACKEND_KEY_DATA);
        out.writeInt(key.processId());
        out.writeInt(key.secret());
        Frames.end(out, begun);
    }

    /**
     * @param status I idle, T in a transaction, E in a failed one
     */
    public static void readyForQuery(ByteBuf out, char status) {
        int begun = Frames.begin(out, BackendTag.READY_FOR_QUERY);
        out.writeByte(status);
        Frames.end(out, begun);
    }

    public static void commandComplete(ByteBuf out, String tag) {
        int begun = Frames.begin(out, BackendTag.COMMAND_COMPLETE);
        Frames.writeString(out, tag);
        Frames.end(out, begun);
    }

    /** A message without a body: ParseComplete, BindComplete, NoData and their like. */
    public static void bare(ByteBuf out, byte tag) {
        out.writeByte(tag);
        out.writeInt(4);
    }

    public static void rowDescription(ByteBuf out, List<Column> columns) {
        int begun = Frames.begin(out, BackendTag.ROW_DESCRIPTION);
        out.writeShort(columns.size());
        for (Column column : columns) {
            Frames.writeString(out, column.name());
            out.writeInt(0); // no table
            out.writeShort(0);
            out.writeInt(column.typeOid());
            out.writeShort(column.typeSize());
            out.writeInt(-1); // no type modifier
            out.writeShort(0); // text
        }
        Frames.end(out, begun);
    }

    /**
     * @param values text of each column; null for NULL
     */
    public static void dataRow(ByteBuf out, List<@Nullable String> values) {
        int begun = Frames.begin(out, BackendTag.DATA_ROW);
        out.writeShort(values.size());
        for (String value : values) {
            if (value == null) {
                out.writeInt(-1);
            } else {
                byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
                out.writeInt(bytes.length);
                out.writeBytes(bytes);
            }
        }
        Frames.end(out, begun);
    }
}
