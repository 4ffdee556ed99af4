package io.pgnode.cli.backup;

import java.time.Duration;
import java.util.Locale;

/** Bytes, rates and times for people. */
public final class Amounts {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

    private Amounts() {}

    /** {@code 512 B}, {@code 23.4 MB}: powers of 1024, as PostgreSQL has them. */
    public static String bytes(long bytes) {
        return bytes((double) bytes);
    }

    /** As {@link #bytes(long)}, of a rate. */
    public static String bytes(double bytes) {
        double value = Math.max(0, bytes);
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 || value >= 100
                ? "%.0f %s".formatted(value, UNITS[unit])
                : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }

    /** {@code 8 s}, {@code 3 min 20 s}, {@code 2 h 5 min}. */
    public static String time(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        return seconds < 3600
                ? seconds / 60 + " min " + seconds % 60 + " s"
                : seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
    }
}
