package io.pgnode.postgres.core;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a clone is.
 *
 * @param bytesDone copied so far
 * @param bytesTotal estimate; zero when unknown
 */
public record BackupProgress(long bytesDone, long bytesTotal) {
    private static final Pattern KILOBYTES =
            Pattern.compile("(\\d+)/(\\d+) kB \\((?:\\d+%|100%)\\)");

    /** From a line that {@code pg_basebackup --progress} or {@code pg_rewind --progress} prints. */
    public static Optional<BackupProgress> parse(String line) {
        Matcher matcher = KILOBYTES.matcher(line);
        if (!matcher.find()) {
            return Optional.empty();
        }
        return Optional.of(
                new BackupProgress(
                        Long.parseLong(matcher.group(1)) * 1024,
                        Long.parseLong(matcher.group(2)) * 1024));
    }
}
