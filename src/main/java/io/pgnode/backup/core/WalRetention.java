package io.pgnode.backup.core;

import java.util.List;

/** Which WAL of one cluster's archive is kept. Names compare as text, timelines first. */
public sealed interface WalRetention {
    /** Why, for an operator. */
    String reason();

    /** What to do with a directory of segments, by its name's 16 digits. */
    Directory directory(String name);

    /**
     * Whether a file of WAL is kept: a segment, a partial one, or a backup history file.
     *
     * @param segment the first 24 digits of its name
     */
    boolean keeps(String segment);

    /** Whether a timeline's history file is kept. */
    boolean keepsHistory(int timeline);

    /** What to do with a directory of segments. */
    enum Directory {
        KEEP,
        REMOVE,
        /** Some of its files may not be kept. */
        LOOK_INSIDE
    }

    /** All of it. */
    record KeepAll(String reason) implements WalRetention {
        @Override
        public Directory directory(String name) {
            return Directory.KEEP;
        }

        @Override
        public boolean keeps(String segment) {
            return true;
        }

        @Override
        public boolean keepsHistory(int timeline) {
            return true;
        }
    }

    /** Nothing: the archive's directory goes as a whole. */
    record RemoveAll(String reason) implements WalRetention {
        @Override
        public Directory directory(String name) {
            return Directory.REMOVE;
        }

        @Override
        public boolean keeps(String segment) {
            return false;
        }

        @Override
        public boolean keepsHistory(int timeline) {
            return false;
        }
    }

    /**
     * All from a segment on, and what makes older backups consistent.
     *
     * @param from the first segment of the oldest backup that can be rolled forward to any time
     * @param older what older backups need
     */
    record From(WalSegment from, List<Range> older, String reason) implements WalRetention {
        public From {
            older = List.copyOf(older);
        }

        @Override
        public Directory directory(String name) {
            String first = from.directory();
            boolean kept =
                    name.compareTo(first) >= 0
                            || older.stream().anyMatch(range -> range.touches(name));
            if (!kept) {
                return Directory.REMOVE;
            }
            return name.compareTo(first) <= 0 ? Directory.LOOK_INSIDE : Directory.KEEP;
        }

        @Override
        public boolean keeps(String segment) {
            return segment.compareTo(from.text()) >= 0
                    || older.stream().anyMatch(range -> range.contains(segment));
        }

        @Override
        public boolean keepsHistory(int timeline) {
            return Integer.compareUnsigned(timeline, from.timeline()) >= 0;
        }
    }

    /** Segments in a row, both ends belong to it. */
    record Range(WalSegment first, WalSegment last) {
        boolean contains(String segment) {
            return segment.compareTo(first.text()) >= 0 && segment.compareTo(last.text()) <= 0;
        }

        boolean touches(String directory) {
            return directory.compareTo(first.directory()) >= 0
                    && directory.compareTo(last.directory()) <= 0;
        }
    }
}
