package io.pgnode.wire;

import io.netty.buffer.ByteBuf;

/**
 * ErrorResponse or NoticeResponse, as far as we write and read them.
 *
 * @param severity ERROR, FATAL, WARNING, NOTICE …
 * @param sqlState five characters; empty when the peer sent none
 * @param hint empty for none
 */
public record ErrorMessage(
        String severity, String sqlState, String message, String detail, String hint) {
    private static final String NONE = "";

    /** The connection ends after this. */
    public static ErrorMessage fatal(String sqlState, String message) {
        return new ErrorMessage("FATAL", sqlState, message, NONE, NONE);
    }

    /** The connection goes on. */
    public static ErrorMessage error(String sqlState, String message) {
        return new ErrorMessage("ERROR", sqlState, message, NONE, NONE);
    }

    public static ErrorMessage notice(String message) {
        return new ErrorMessage("NOTICE", "00000", message, NONE, NONE);
    }

    public ErrorMessage withHint(String newHint) {
        return new ErrorMessage(severity, sqlState, message, detail, newHint);
    }

    public boolean isFatal() {
        return severity.equals("FATAL") || severity.equals("PANIC");
    }

    /** As ErrorResponse, or NoticeResponse for lesser severities. */
    public void writeTo(ByteBuf out) {
        boolean error = severity.equals("ERROR") || isFatal();
        int begun =
                Frames.begin(out, error ? BackendTag.ERROR_RESPONSE : BackendTag.NOTICE_RESPONSE);
        field(out, 'S', severity);
        field(out, 'V', severity);
        field(out, 'C', sqlState);
        field(out, 'M', message);
        field(out, 'D', detail);
        field(out, 'H', hint);
        out.writeByte(0);
        Frames.end(out, begun);
    }

    private static void field(ByteBuf out, char type, String value) {
        if (!value.isEmpty()) {
            out.writeByte(type);
            Frames.writeString(out, value);
        }
    }

    /**
     * Reads the body of an ErrorResponse or NoticeResponse.
     *
     * @param from first byte after the length
     * @param end where the message ends
     */
    public static ErrorMessage read(ByteBuf in, int from, int end) throws ProtocolViolation {
        String severity = NONE;
        String localSeverity = NONE;
        String sqlState = NONE;
        String message = NONE;
        String detail = NONE;
        String hint = NONE;
        int at = from;
        while (at < end && in.getByte(at) != 0) {
            byte type = in.getByte(at);
            int valueEnd = Frames.endOfString(in, at + 1, end);
            String value = Frames.text(in, at + 1, valueEnd);
            switch (type) {
                case 'V' -> severity = value;
                case 'S' -> localSeverity = value;
                case 'C' -> sqlState = value;
                case 'M' -> message = value;
                case 'D' -> detail = value;
                case 'H' -> hint = value;
                default -> {}
            }
            at = valueEnd + 1;
        }
        return new ErrorMessage(
                severity.isEmpty() ? localSeverity : severity, sqlState, message, detail, hint);
    }
}
