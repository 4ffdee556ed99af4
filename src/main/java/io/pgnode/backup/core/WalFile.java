package io.pgnode.backup.core;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file that PostgreSQL archives or asks for, by its name. */
public sealed interface WalFile {
    /** The name that PostgreSQL uses. */
    String name();

    /** Where it is below an archive's directory of a database, without hash and suffix. */
    String path();

    /** A complete segment. */
    record Segment(WalSegment segment) implements WalFile {
        @Override
        public String name() {
            return segment.text();
        }

        @Override
        public String path() {
            return segment.directory() + "/" + name();
        }
    }

    /** The last segment of a timeline that ended inside it. */
    record Partial(WalSegment segment) implements WalFile {
        @Override
        public String name() {
            return segment.text() + ".partial";
        }

        @Override
        public String path() {
            return segment.directory() + "/" + name();
        }
    }

    /** Which timelines a timeline comes from. */
    record History(int timeline) implements WalFile {
        @Override
        public String name() {
            return "%08X.history".formatted(timeline);
        }

        @Override
        public String path() {
            return name();
        }
    }

    /**
     * What a backup on a primary leaves in the log.
     *
     * @param offset of its start in the segment, 8 digits
     */
    record BackupHistory(WalSegment segment, String offset) implements WalFile {
        @Override
        public String name() {
            return segment.text() + "." + offset + ".backup";
        }

        @Override
        public String path() {
            return segment.directory() + "/" + name();
        }
    }

    /** Whether it is stored as it is: without a hash in its name and without compression. */
    default boolean isPlain() {
        return switch (this) {
            case Segment _, Partial _ -> false;
            case History _, BackupHistory _ -> true;
        };
    }

    /**
     * @throws IllegalArgumentException when PostgreSQL has no such file
     */
    static WalFile parse(String name) {
        Matcher parts = Names.SHAPE.matcher(name);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "not the name of a WAL segment, a history file or a backup history file: \""
                            + name
                            + "\"");
        }
        if (parts.group("history") != null) {
            return new History(Integer.parseUnsignedInt(parts.group("history"), 16));
        }
        WalSegment segment = WalSegment.parse(parts.group("segment"));
        if (parts.group("partial") != null) {
            return new Partial(segment);
        }
        return parts.group("offset") != null
                ? new BackupHistory(segment, parts.group("offset"))
                : new Segment(segment);
    }

    /** The shapes of names. */
    final class Names {
        private static final Pattern SHAPE =
                Pattern.compile(
                        "(?<history>[0-9A-F]{8})\\.history"
                                + "|(?<segment>[0-9A-F]{24})"
                                + "(?:(?<partial>\\.partial)|\\.(?<offset>[0-9A-F]{8})\\.backup)?");

        private Names() {}
    }
}
