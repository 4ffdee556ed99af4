package io.pgnode.gateway.pooler.ini;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** {@code key=value key='value with blanks'}: a quote in a quoted value is doubled. */
public final class ConnectString {
    private ConnectString() {}

    /** Empty when the text is not of that form. */
    public static Optional<Map<String, String>> parse(String text) {
        Map<String, String> values = new LinkedHashMap<>();
        int at = 0;
        while (true) {
            at = skipBlanks(text, at);
            if (at >= text.length()) {
                return Optional.of(values);
            }
            int equals = text.indexOf('=', at);
            if (equals < 0) {
                return Optional.empty();
            }
            String key = text.substring(at, equals).strip();
            if (key.isEmpty() || key.contains(" ")) {
                return Optional.empty();
            }
            at = skipBlanks(text, equals + 1);
            StringBuilder value = new StringBuilder();
            at = value(text, at, value);
            if (at < 0) {
                return Optional.empty();
            }
            values.put(key, value.toString());
        }
    }

    private static int skipBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** Index behind the value; -1 when its quote does not end. */
    private static int value(String text, int from, StringBuilder value) {
        int at = from;
        if (at >= text.length() || text.charAt(at) != '\'') {
            while (at < text.length() && !Character.isWhitespace(text.charAt(at))) {
                value.append(text.charAt(at++));
            }
            return at;
        }
        at++;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c != '\'') {
                value.append(c);
            } else if (at < text.length() && text.charAt(at) == '\'') {
                value.append('\'');
                at++;
            } else {
                return at;
            }
        }
        return -1;
    }
}
