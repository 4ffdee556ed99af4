package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackupException;
import java.util.Objects;

/** What a DBA reads in PostgreSQL's log: one line, whatever the message holds. */
final class OneLine {
    private static final int MAX_LENGTH = 2000;

    private OneLine() {}

    /** With its hint. */
    static String of(BackupException e) {
        return of(Objects.requireNonNullElse(e.getMessage(), e.toString()));
    }

    static String of(String text) {
        StringBuilder line = new StringBuilder();
        text.lines()
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .forEach(part -> line.append(line.isEmpty() ? "" : "; ").append(part));
        return line.length() <= MAX_LENGTH ? line.toString() : line.substring(0, MAX_LENGTH);
    }
}
