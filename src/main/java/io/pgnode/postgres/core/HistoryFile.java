package io.pgnode.postgres.core;

import io.pgnode.model.Lsn;
import java.util.ArrayList;
import java.util.List;

/**
 * A timeline history file ({@code 00000003.history}): where each earlier timeline ended, oldest
 * first.
 */
public record HistoryFile(List<Line> lines) {
    public static final HistoryFile EMPTY = new HistoryFile(List.of());

    /** {@code timeline} ended at {@code switchLsn}. */
    public record Line(int timeline, Lsn switchLsn, String reason) {}

    public HistoryFile {
        lines = List.copyOf(lines);
    }

    /** File name of the history of {@code timeline}. */
    public static String name(int timeline) {
        return "%08X.history".formatted(timeline);
    }

    /** The timeline of a history file's name; zero when it is no such name. */
    public static int timelineOf(String name) {
        if (!name.matches("[0-9A-F]{8}\\.history")) {
            return 0;
        }
        return Integer.parseUnsignedInt(name.substring(0, 8), 16);
    }

    /**
     * @throws IllegalArgumentException when a line is neither a comment nor {@code tli<TAB>lsn…}
     */
    public static HistoryFile parse(String text) {
        List<Line> lines = new ArrayList<>();
        for (String line : text.lines().map(String::strip).toList()) {
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String[] parts = line.split("\\s+", 3);
            if (parts.length < 2) {
                throw new IllegalArgumentException("bad timeline history line \"" + line + "\"");
            }
            lines.add(
                    new Line(
                            Integer.parseUnsignedInt(parts[0]),
                            Lsn.parse(parts[1]),
                            parts.length > 2 ? parts[2] : ""));
        }
        return new HistoryFile(lines);
    }
}
