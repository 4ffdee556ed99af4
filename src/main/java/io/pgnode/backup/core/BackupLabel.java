package io.pgnode.backup.core;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a backup: {@code 20261121-010203F}, and for one that depends on it {@code
 * 20261121-010203F_20261122-010203D} (or {@code I}). Labels of one stanza sort by time.
 */
public record BackupLabel(String text) implements Comparable<BackupLabel> {
    private static final Pattern SHAPE = Pattern.compile("\\d{8}-\\d{6}F(_\\d{8}-\\d{6}[DI])?");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");
    private static final int FULL_LENGTH = "20261121-010203F".length();

    public BackupLabel {
        if (!isLabel(text)) {
            throw new IllegalArgumentException(
                    "backup label must look like 20261121-010203F or"
                            + " 20261121-010203F_20261122-010203I, was \""
                            + text
                            + "\"");
        }
    }

    public static boolean isLabel(String text) {
        return SHAPE.matcher(text).matches();
    }

    /**
     * @param full the full backup that it depends on; null for a full backup
     */
    public static BackupLabel of(
            BackupType type, @Nullable BackupLabel full, Instant time, ZoneId zone) {
        String stamp = TIME.format(LocalDateTime.ofInstant(time, zone)) + type.letter();
        return new BackupLabel(full == null ? stamp : full.full().text + "_" + stamp);
    }

    public BackupType type() {
        return switch (text.charAt(text.length() - 1)) {
            case 'F' -> BackupType.FULL;
            case 'D' -> BackupType.DIFF;
            default -> BackupType.INCR;
        };
    }

    /** The full backup at the start of its chain; itself when it is one. */
    public BackupLabel full() {
        return text.length() == FULL_LENGTH
                ? this
                : new BackupLabel(text.substring(0, FULL_LENGTH));
    }

    /** The part that says when it was made, without the type: sorts over all labels of a stanza. */
    public String stamp() {
        return text.substring(text.length() - FULL_LENGTH, text.length() - 1);
    }

    /** The stamp read in a zone; the server that made it wrote its local time. */
    public Instant time(ZoneId zone) {
        return LocalDateTime.parse(stamp(), TIME).atZone(zone).toInstant();
    }

    /** The stamp of a moment in UTC: for comparisons where the zone does not matter. */
    public static String stampOf(Instant time) {
        return TIME.format(LocalDateTime.ofInstant(time, ZoneOffset.UTC));
    }

    /** The year, the directory of its history file. */
    public String year() {
        return text.substring(0, 4);
    }

    @Override
    public int compareTo(BackupLabel other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
