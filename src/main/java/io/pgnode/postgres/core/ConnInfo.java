package io.pgnode.postgres.core;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A libpq connection string: {@code keyword='value' …}, in insertion order. Never holds a password.
 */
public record ConnInfo(Map<String, String> values) {
    public ConnInfo {
        if (values.containsKey("password")) {
            throw new IllegalArgumentException("a connection string must not hold a password");
        }
        values = new LinkedHashMap<>(values);
    }

    /** Values with spaces, quotes or backslashes, and empty ones, are quoted. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        values.forEach(
                (key, value) -> {
                    if (!text.isEmpty()) {
                        text.append(' ');
                    }
                    text.append(key).append('=').append(quote(value));
                });
        return text.toString();
    }

    private static String quote(String value) {
        boolean plain = !value.isEmpty();
        for (int i = 0; i < value.length() && plain; i++) {
            char c = value.charAt(i);
            plain = !Character.isWhitespace(c) && c != '\'' && c != '\\' && c != '=';
        }
        return plain ? value : "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** Reads one keyword back out of a connection string; empty when it is not there. */
    public static String valueOf(String connInfo, String keyword) {
        int at = 0;
        int length = connInfo.length();
        while (at < length) {
            while (at < length && Character.isWhitespace(connInfo.charAt(at))) {
                at++;
            }
            int equals = connInfo.indexOf('=', at);
            if (equals < 0) {
                return "";
            }
            String key = connInfo.substring(at, equals).strip();
            at = equals + 1;
            while (at < length && connInfo.charAt(at) == ' ') {
                at++;
            }
            StringBuilder value = new StringBuilder();
            boolean quoted = at < length && connInfo.charAt(at) == '\'';
            if (quoted) {
                at++;
            }
            while (at < length) {
                char c = connInfo.charAt(at);
                if (quoted ? c == '\'' : Character.isWhitespace(c)) {
                    break;
                }
                if (c == '\\' && at + 1 < length) {
                    at++;
                    c = connInfo.charAt(at);
                }
                value.append(c);
                at++;
            }
            at++;
            if (key.equals(keyword)) {
                return value.toString();
            }
        }
        return "";
    }
}
