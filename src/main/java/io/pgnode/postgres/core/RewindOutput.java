package io.pgnode.postgres.core;

import java.util.List;
import java.util.Locale;

/** Reads what pg_rewind said, in English, to tell how it ended and how far it came. */
public final class RewindOutput {
    private static final List<String> CONNECTION =
            List.of(
                    "could not connect to server",
                    "connection to server",
                    "could not translate host name",
                    "no pg_hba.conf entry",
                    "password authentication failed");

    private static final List<String> MISSING_WAL =
            List.of(
                    "could not find previous wal record",
                    "could not restore file",
                    "could not read wal record",
                    "could not open file \"pg_wal",
                    "could not find common ancestor");

    /** From this line on it changes files. */
    private static final List<String> CHANGING =
            List.of("need to copy", " kb (", "creating backup label");

    private RewindOutput() {}

    public static boolean isNotNeeded(String output) {
        return output.toLowerCase(Locale.ROOT).contains("no rewind required");
    }

    public static boolean isConnectionFailure(String output) {
        return containsAny(output, CONNECTION);
    }

    public static boolean isMissingWal(String output) {
        return containsAny(output, MISSING_WAL);
    }

    /** Whether it may have begun to change the target. */
    public static boolean hasChangedTarget(String output) {
        return containsAny(output, CHANGING);
    }

    private static boolean containsAny(String output, List<String> parts) {
        String lower = output.toLowerCase(Locale.ROOT);
        return parts.stream().anyMatch(lower::contains);
    }
}
