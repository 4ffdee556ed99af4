package io.pgnode.backup.engine;

import io.pgnode.backup.core.RawText;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Names of files as their bytes, whatever the locale is: Java decodes and encodes them by the
 * locale that the process was started with, and loses those that it cannot express. Its paths keep
 * the bytes, though, and give them away in their URIs.
 */
final class FileNames {
    private FileNames() {}

    /** The last part of the path, by {@link RawText}. */
    static String last(Path path) {
        String text = String.valueOf(path.getFileName());
        return isAscii(text) ? text : RawText.decode(lastBytes(path));
    }

    private static byte[] lastBytes(Path path) {
        // Of a path that may not exist: a directory's would end in a slash.
        String uri = path.toUri().getRawPath();
        int end = uri.endsWith("/") ? uri.length() - 1 : uri.length();
        return percentDecoded(uri.substring(uri.lastIndexOf('/', end - 1) + 1, end));
    }

    private static byte[] percentDecoded(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                bytes.write(Integer.parseInt(text, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toByteArray();
    }

    /**
     * The file below the directory.
     *
     * @param relative by {@link RawText}, parts separated by slashes
     */
    static Path below(Path directory, String relative) {
        if (isAscii(relative)) {
            return directory.resolve(relative);
        }
        StringBuilder uri = new StringBuilder(directory.toUri().getRawPath());
        if (uri.charAt(uri.length() - 1) != '/') {
            uri.append('/');
        }
        for (byte b : RawText.encode(relative)) {
            if (b == '/' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z') {
                uri.append((char) b);
            } else {
                uri.append("%%%02X".formatted(b & 0xFF));
            }
        }
        return Path.of(URI.create("file://" + uri));
    }

    /** Whether the name is UTF-8. */
    static boolean isText(String name) {
        return isAscii(name) || StandardCharsets.UTF_8.newEncoder().canEncode(name);
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
