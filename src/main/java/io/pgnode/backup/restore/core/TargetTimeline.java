package io.pgnode.backup.restore.core;

/** The timeline that recovery follows. */
public sealed interface TargetTimeline {
    /** Most timelines ever seen are two-digit; PostgreSQL's own limit is 32 bits. */
    long MAX = 0xFFFF_FFFFL;

    /** As PostgreSQL's {@code recovery_target_timeline} has it. */
    String text();

    /** The backup's own. */
    record Current() implements TargetTimeline {
        @Override
        public String text() {
            return "current";
        }
    }

    /** The newest that comes from the backup's. */
    record Latest() implements TargetTimeline {
        @Override
        public String text() {
            return "latest";
        }
    }

    /**
     * A certain one.
     *
     * @param timeline 1 or more, unsigned
     */
    record Numbered(int timeline) implements TargetTimeline {
        public Numbered {
            if (timeline == 0) {
                throw new IllegalArgumentException("timeline must be 1 or more, was 0");
            }
        }

        @Override
        public String text() {
            return Integer.toUnsignedString(timeline);
        }
    }

    /**
     * Reads {@code current}, {@code latest}, a decimal number, or a hexadecimal one after {@code
     * 0x}.
     *
     * @throws IllegalArgumentException for anything else
     */
    static TargetTimeline parse(String text) {
        return switch (text) {
            case "current" -> new Current();
            case "latest" -> new Latest();
            default -> numbered(text);
        };
    }

    private static TargetTimeline numbered(String text) {
        try {
            long number =
                    text.startsWith("0x") || text.startsWith("0X")
                            ? Long.parseLong(text.substring(2), 16)
                            : Long.parseLong(text);
            if (number >= 1 && number <= MAX) {
                return new Numbered((int) number);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IllegalArgumentException(
                "target timeline must be current, latest or a number, was \"" + text + "\"");
    }
}
