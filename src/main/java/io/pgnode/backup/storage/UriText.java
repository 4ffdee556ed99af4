package io.pgnode.backup.storage;

import io.pgnode.backup.core.RawText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;

/** Escapes of URIs, exactly as signatures want them. */
final class UriText {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private UriText() {}

    /** A path; slashes stay. */
    static String path(String text) {
        return escaped(text, true);
    }

    /** A query, in the order of its names. */
    static String query(SortedMap<String, String> parameters) {
        var text = new StringBuilder();
        for (Map.Entry<String, String> one : parameters.entrySet()) {
            text.append(text.isEmpty() ? "" : "&");
            text.append(escaped(one.getKey(), false)).append('=');
            text.append(escaped(one.getValue(), false));
        }
        return text.toString();
    }

    private static String escaped(String text, boolean withSlashes) {
        var escaped = new StringBuilder(text.length() + 16);
        for (byte b : RawText.encode(text)) {
            boolean plain =
                    b >= 'a' && b <= 'z'
                            || b >= 'A' && b <= 'Z'
                            || b >= '0' && b <= '9'
                            || "-._~".indexOf(b) >= 0
                            || b == '/' && withSlashes;
            if (plain) {
                escaped.append((char) b);
            } else {
                escaped.append('%').append(HEX.toHexDigits(b));
            }
        }
        return escaped.toString();
    }

    /**
     * The text of escapes; a plus is a blank.
     *
     * @throws IllegalArgumentException when an escape is not whole
     */
    static String unescaped(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        byte[] raw = text.getBytes(StandardCharsets.UTF_8);
        var bytes = new ByteArrayOutputStream(raw.length);
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] == '%') {
                if (i + 2 >= raw.length) {
                    throw new IllegalArgumentException("escape is cut: " + text);
                }
                int high = HexFormat.fromHexDigit(raw[i + 1]);
                bytes.write(high << 4 | HexFormat.fromHexDigit(raw[i + 2]));
                i += 2;
            } else {
                bytes.write(raw[i] == '+' ? ' ' : raw[i]);
            }
        }
        return RawText.decode(bytes.toByteArray());
    }
}
