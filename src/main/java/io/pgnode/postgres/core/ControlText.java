package io.pgnode.postgres.core;

import io.pgnode.cluster.InstanceView.ControlState;
import io.pgnode.model.Lsn;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads what {@code pg_controldata} prints in the C locale: for layouts {@link ControlParser} does
 * not know.
 */
public final class ControlText {
    private ControlText() {}

    /**
     * @throws IllegalArgumentException when a line is missing or not a number
     */
    public static ControlData parse(String output) {
        Map<String, String> lines = new HashMap<>();
        for (String line : output.lines().toList()) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                lines.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        return new ControlData(
                number(lines, "pg_control version number"),
                number(lines, "Catalog version number"),
                text(lines, "Database system identifier"),
                state(text(lines, "Database cluster state")),
                lsn(lines, "Latest checkpoint location"),
                lsn(lines, "Latest checkpoint's REDO location"),
                number(lines, "Latest checkpoint's TimeLineID"),
                number(lines, "Latest checkpoint's PrevTimeLineID"),
                lsn(lines, "Minimum recovery ending location"),
                number(lines, "Min recovery ending loc's timeline"),
                !lsn(lines, "Backup start location").isNone(),
                walLevel(text(lines, "wal_level setting")),
                isOn(lines, "wal_log_hints setting"),
                number(lines, "max_connections setting"),
                number(lines, "max_worker_processes setting"),
                number(lines, "max_wal_senders setting"),
                number(lines, "max_prepared_xacts setting"),
                number(lines, "max_locks_per_xact setting"),
                isOn(lines, "track_commit_timestamp setting"),
                number(lines, "WAL block size"),
                number(lines, "Bytes per WAL segment"),
                number(lines, "Data page checksum version"));
    }

    private static String text(Map<String, String> lines, String name) {
        String value = lines.get(name);
        if (value == null) {
            throw new IllegalArgumentException("pg_controldata printed no \"" + name + "\"");
        }
        return value;
    }

    private static int number(Map<String, String> lines, String name) {
        try {
            return Integer.parseInt(text(lines, name));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "pg_controldata printed no number for \"" + name + "\"", e);
        }
    }

    private static Lsn lsn(Map<String, String> lines, String name) {
        return Lsn.parse(text(lines, name));
    }

    private static boolean isOn(Map<String, String> lines, String name) {
        return text(lines, name).equals("on");
    }

    private static int walLevel(String name) {
        return switch (name) {
            case "minimal" -> 0;
            case "logical" -> 2;
            default -> 1;
        };
    }

    private static ControlState state(String words) {
        return switch (words) {
            case "starting up" -> ControlState.STARTING_UP;
            case "shut down" -> ControlState.SHUT_DOWN;
            case "shut down in recovery" -> ControlState.SHUT_DOWN_IN_RECOVERY;
            case "shutting down" -> ControlState.SHUTTING_DOWN;
            case "in crash recovery" -> ControlState.IN_CRASH_RECOVERY;
            case "in archive recovery" -> ControlState.IN_ARCHIVE_RECOVERY;
            case "in production" -> ControlState.IN_PRODUCTION;
            default -> ControlState.UNKNOWN;
        };
    }
}
