package io.pgnode.postgres;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The server's standard error: what it said since some moment, to explain why it died. */
final class ServerLog {
    private static final int TAIL_BYTES = 64 * 1024;
    private static final int LINES = 3;
    private static final Pattern SERIOUS =
            Pattern.compile("(FATAL|PANIC|ERROR|HINT|DETAIL):|could not |unrecognized |invalid ");

    /** Time and process, or whatever log_line_prefix says, stand before the level. */
    private static final Pattern PREFIX =
            Pattern.compile("^.*?((LOG|FATAL|PANIC|ERROR|HINT|DETAIL|WARNING):)\\s+");

    private final Path file;
    private final long from;

    private ServerLog(Path file, long from) {
        this.file = file;
        this.from = from;
    }

    /** Everything written after now. */
    static ServerLog since(Path file) {
        try {
            return new ServerLog(file, Files.exists(file) ? Files.size(file) : 0);
        } catch (IOException e) {
            return new ServerLog(file, 0);
        }
    }

    /** The last serious lines in one, or the last lines when there are none. */
    String explanation() {
        List<String> lines = tail().lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
        List<String> serious = lines.stream().filter(l -> SERIOUS.matcher(l).find()).toList();
        List<String> chosen = serious.isEmpty() ? lines : serious;
        int first = Math.max(0, chosen.size() - LINES);
        return chosen.isEmpty()
                ? "nothing in its log " + file
                : String.join(
                        "; ",
                        chosen.subList(first, chosen.size()).stream()
                                .map(line -> PREFIX.matcher(line).replaceFirst("$1 "))
                                .toList());
    }

    String lastLine() {
        return tail().lines().filter(l -> !l.isBlank()).reduce("", (_, last) -> last).strip();
    }

    private String tail() {
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            long start = Math.max(from, log.length() - TAIL_BYTES);
            if (start >= log.length()) {
                return "";
            }
            byte[] bytes = new byte[(int) (log.length() - start)];
            log.seek(start);
            log.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
