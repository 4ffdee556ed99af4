package io.pgnode.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A request to an S3 server.
 *
 * @param path decoded, from the bucket's name on, without the slash before it
 * @param query decoded; empty values for names without one
 * @param headers by lower case name
 */
@SuppressWarnings("ArrayRecordComponent")
record S3Call(
        String method,
        String path,
        TreeMap<String, String> query,
        Map<String, String> headers,
        byte[] body) {
    static S3Call of(
            String method,
            String rawPath,
            @Nullable String rawQuery,
            Map<String, String> headers,
            byte[] body) {
        var query = new TreeMap<String, String>();
        if (rawQuery != null && !rawQuery.isEmpty()) {
            for (String part : rawQuery.split("&", -1)) {
                int equal = part.indexOf('=');
                String name = equal < 0 ? part : part.substring(0, equal);
                query.put(decoded(name), equal < 0 ? "" : decoded(part.substring(equal + 1)));
            }
        }
        var lower = new HashMap<String, String>();
        headers.forEach((name, value) -> lower.put(name.toLowerCase(Locale.ROOT), value));
        return new S3Call(method, decoded(rawPath).substring(1), query, lower, body);
    }

    String bucket() {
        int slash = path.indexOf('/');
        return slash < 0 ? path : path.substring(0, slash);
    }

    /** Empty for the bucket itself. */
    String key() {
        int slash = path.indexOf('/');
        return slash < 0 ? "" : path.substring(slash + 1);
    }

    boolean asks(String parameter) {
        return query.containsKey(parameter);
    }

    String parameter(String name, String otherwise) {
        return query.getOrDefault(name, otherwise);
    }

    @Nullable String header(String name) {
        return headers.get(name);
    }

    String text() {
        return method + " " + path + (query.isEmpty() ? "" : "?" + query);
    }

    private static String decoded(String raw) {
        var bytes = new ByteArrayOutputStream();
        byte[] text = raw.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '%') {
                bytes.write(Integer.parseInt(raw.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(text[i]);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** As signatures want it. */
    static String escaped(String text, String alsoPlain) {
        var escaped = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0);
            if (plain || alsoPlain.indexOf(c) >= 0) {
                escaped.append(c);
            } else {
                escaped.append("%%%02X".formatted((int) c));
            }
        }
        return escaped.toString();
    }

    static String xml(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
