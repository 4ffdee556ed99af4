package io.pgnode.wire;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the first message of a client. */
public final class OpeningReader {
    /** The server's limit, too (pqcomm.h, MAX_STARTUP_PACKET_LENGTH). */
    public static final int MAX_LENGTH = 10_000;

    private static final int MIN_LENGTH = 8;
    private static final int CODES = 1234;
    private static final int CANCEL = 5678;
    private static final int TLS = 5679;
    private static final int GSS = 5680;
    private static final int CANCEL_LENGTH = 16;
    private static final String PROTOCOL_OPTION = "_pq_.";

    private OpeningReader() {}

    /**
     * Takes the message from the buffer, or returns null and takes nothing while it is not
     * complete.
     */
    public static @Nullable Opening read(ByteBuf in) throws ProtocolViolation {
        if (in.readableBytes() < 4) {
            return null;
        }
        int begin = in.readerIndex();
        int length = in.getInt(begin);
        if (length < MIN_LENGTH || length > MAX_LENGTH) {
            throw new ProtocolViolation("invalid length of startup packet");
        }
        if (in.readableBytes() < length) {
            return null;
        }
        int major = in.getUnsignedShort(begin + 4);
        int minor = in.getUnsignedShort(begin + 6);
        Opening opening =
                major == CODES ? request(in, minor, length) : login(in, major, minor, length);
        in.readerIndex(begin + length);
        return opening;
    }

    private static Opening request(ByteBuf in, int code, int length) throws ProtocolViolation {
        return switch (code) {
            case TLS -> exact(new Opening.TlsRequest(), length, MIN_LENGTH);
            case GSS -> exact(new Opening.GssRequest(), length, MIN_LENGTH);
            case CANCEL -> {
                int at = in.readerIndex() + MIN_LENGTH;
                if (length != CANCEL_LENGTH) {
                    throw new ProtocolViolation("invalid length of cancel request");
                }
                yield new Opening.Cancel(new CancelKey(in.getInt(at), in.getInt(at + 4)));
            }
            default -> throw new ProtocolViolation("unsupported startup request");
        };
    }

    private static Opening exact(Opening opening, int length, int wanted) throws ProtocolViolation {
        if (length != wanted) {
            throw new ProtocolViolation("invalid length of startup packet");
        }
        return opening;
    }

    private static Opening login(ByteBuf in, int major, int minor, int length)
            throws ProtocolViolation {
        if (major != 3) {
            throw new ProtocolViolation("unsupported frontend protocol " + major + "." + minor);
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        List<String> options = new ArrayList<>();
        int end = in.readerIndex() + length;
        int at = in.readerIndex() + MIN_LENGTH;
        while (at < end && in.getByte(at) != 0) {
            int nameEnd = Frames.endOfString(in, at, end);
            int valueEnd = Frames.endOfString(in, nameEnd + 1, end);
            String name = Frames.text(in, at, nameEnd);
            String value = Frames.text(in, nameEnd + 1, valueEnd);
            if (name.startsWith(PROTOCOL_OPTION)) {
                options.add(name);
            } else {
                parameters.put(name, value);
            }
            at = valueEnd + 1;
        }
        if (at != end - 1) {
            throw new ProtocolViolation(
                    "invalid startup packet layout: expected terminator as last byte");
        }
        return new Opening.Login(minor, parameters, List.copyOf(options));
    }
}
