package io.pgnode.postgres.core;

import java.util.List;
import java.util.Optional;

/**
 * The lines of {@code postmaster.pid}.
 *
 * @param pid process id of the postmaster; negative while a single-user backend holds the directory
 * @param startEpochSeconds when it started, by the wall clock; zero when the line is not written
 *     yet
 * @param port zero when not written yet
 * @param status {@code starting}, {@code ready}, {@code standby} (up, but takes no connections),
 *     {@code stopping}, or empty when not written yet
 */
public record PidFile(long pid, String dataDir, long startEpochSeconds, int port, String status) {
    private static final int STATUS_LINE = 7;

    /** Empty when the text is not a pid file (yet). */
    public static Optional<PidFile> parse(String text) {
        List<String> lines = text.lines().map(String::strip).toList();
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new PidFile(
                            Long.parseLong(lines.getFirst()),
                            line(lines, 1),
                            number(line(lines, 2)),
                            (int) number(line(lines, 3)),
                            line(lines, STATUS_LINE)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    public boolean isReady() {
        return status.equals("ready");
    }

    public boolean isStopping() {
        return status.equals("stopping");
    }

    private static String line(List<String> lines, int index) {
        return index < lines.size() ? lines.get(index) : "";
    }

    private static long number(String text) {
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }
}
