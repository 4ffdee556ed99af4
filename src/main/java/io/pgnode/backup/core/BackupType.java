package io.pgnode.backup.core;

import java.util.Locale;

/** What a backup is based on. */
public enum BackupType {
    /** Nothing. */
    FULL('F'),
    /** The last full backup. */
    DIFF('D'),
    /** The last backup of any type. */
    INCR('I');

    private final char letter;

    BackupType(char letter) {
        this.letter = letter;
    }

    /** The last letter of such a backup's label. */
    public char letter() {
        return letter;
    }

    /** As in info files and on the command line: {@code full}, {@code diff}, {@code incr}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws IllegalArgumentException when there is no such type
     */
    public static BackupType parse(String text) {
        for (BackupType type : values()) {
            if (type.text().equals(text)) {
                return type;
            }
        }
        throw new IllegalArgumentException(
                "backup type must be full, diff or incr, was \"" + text + "\"");
    }
}
