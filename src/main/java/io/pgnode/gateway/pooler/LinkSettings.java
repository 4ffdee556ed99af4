package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.pgnode.gateway.pooler.core.SessionSettings;
import io.pgnode.wire.Frames;
import io.pgnode.wire.ProtocolViolation;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a pooler tells another one about a client that it serves through it: settings that servers
 * do not report, such as {@code statement_timeout}. Without it the other pooler would give the
 * client's next transaction to a server that does not have them.
 *
 * <p>They stand in a comment before the statements that set them, all of the client's, so that a
 * server or another pooler reads nothing but those statements.
 */
final class LinkSettings {
    private static final String BEGIN = "/*pgnode ";
    private static final byte[] BEGIN_BYTES = BEGIN.getBytes(StandardCharsets.US_ASCII);
    private static final String END = "*/";

    private LinkSettings() {}

    /**
     * @param reported what servers report, which the other pooler follows by itself
     */
    static String mark(SessionSettings client, SessionSettings reported, String sql) {
        StringBuilder text = new StringBuilder(BEGIN);
        client.values()
                .forEach(
                        (name, value) -> {
                            if (!reported.values().containsKey(name)) {
                                text.append(encoded(name))
                                        .append('=')
                                        .append(encoded(value))
                                        .append('&');
                            }
                        });
        return text.append(END).append(sql).toString();
    }

    /** Without a slash, so that it cannot end the comment. */
    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Whether a query's text, which begins there, has such a comment. */
    static boolean isMarked(ByteBuf in, int from, int end) {
        if (end - from < BEGIN_BYTES.length) {
            return false;
        }
        for (int i = 0; i < BEGIN_BYTES.length; i++) {
            if (in.getByte(from + i) != BEGIN_BYTES[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * The client has just these unreported settings from now on, and so has its server.
     *
     * @param reported what the server reported at its login
     */
    static void read(
            ByteBuf in,
            int from,
            int end,
            SessionSettings client,
            SessionSettings server,
            SessionSettings reported)
            throws ProtocolViolation {
        String text = Frames.text(in, from, Frames.endOfString(in, from, end));
        int close = text.indexOf(END);
        if (close < 0) {
            return;
        }
        Map<String, String> told = new HashMap<>();
        for (String pair : text.substring(BEGIN.length(), close).split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                told.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        for (SessionSettings side : List.of(client, server)) {
            List<String> over = new ArrayList<>(side.values().keySet());
            over.removeIf(name -> told.containsKey(name) || reported.values().containsKey(name));
            over.forEach(side::remove);
            told.forEach(side::put);
        }
    }

    private static String decoded(String text) throws ProtocolViolation {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new ProtocolViolation("malformed settings of a link");
        }
    }
}
