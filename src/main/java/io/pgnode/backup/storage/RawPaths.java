package io.pgnode.backup.storage;

import io.pgnode.backup.core.RawText;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Files whose names are not ASCII, in whatever locale this process runs: names as {@link RawText}
 * has them.
 */
public final class RawPaths {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private RawPaths() {}

    /**
     * @param directory absolute
     * @param relative parts separated by slashes
     */
    public static Path resolve(Path directory, String relative) {
        if (RawText.isAscii(relative)) {
            return directory.resolve(relative);
        }
        String above = directory.toUri().getRawPath();
        String slash = above.endsWith("/") ? "" : "/";
        return Path.of(URI.create("file://" + above + slash + escaped(relative)));
    }

    /** The last part of a path. */
    public static String name(Path path) {
        Path last = path.getFileName();
        String text = last == null ? "" : last.toString();
        // Bytes that the locale does not know come as the replacement character.
        return RawText.isAscii(text) && text.indexOf('?') < 0 ? text : nameOf(path.toUri());
    }

    private static String nameOf(URI uri) {
        String raw = uri.getRawPath();
        int end = raw.endsWith("/") ? raw.length() - 1 : raw.length();
        String name = raw.substring(raw.lastIndexOf('/', end - 1) + 1, end);
        var bytes = new ByteArrayOutputStream(name.length());
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) == '%') {
                bytes.write(HexFormat.fromHexDigits(name, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(name.charAt(i));
            }
        }
        return RawText.decode(bytes.toByteArray());
    }

    private static String escaped(String relative) {
        var text = new StringBuilder();
        for (byte b : RawText.encode(relative)) {
            boolean plain =
                    b >= 'a' && b <= 'z'
                            || b >= 'A' && b <= 'Z'
                            || b >= '0' && b <= '9'
                            || b == '/'
                            || b == '.'
                            || b == '-'
                            || b == '_';
            if (plain) {
                text.append((char) b);
            } else {
                text.append('%').append(HEX.toHexDigits(b));
            }
        }
        return text.toString();
    }
}
