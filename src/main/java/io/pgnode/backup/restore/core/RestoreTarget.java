package io.pgnode.backup.restore.core;

import io.pgnode.model.Lsn;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How far recovery replays WAL. */
public sealed interface RestoreTarget {
    /** The value of {@code --type}. */
    String type();

    /** For people: {@code to the end of the archived WAL}, {@code to 0/3000148, inclusive}. */
    String describe();

    /** To the end of the WAL that is in the archive. */
    record End() implements RestoreTarget {
        @Override
        public String type() {
            return "default";
        }

        @Override
        public String describe() {
            return "to the end of the archived WAL";
        }
    }

    /** Until the backup is consistent, and no further. */
    record Immediate() implements RestoreTarget {
        @Override
        public String type() {
            return "immediate";
        }

        @Override
        public String describe() {
            return "to the end of the backup";
        }
    }

    /**
     * To the commits of a moment.
     *
     * @param inclusive with those that carry exactly this time
     */
    record Time(Instant at, boolean inclusive) implements RestoreTarget {
        private static final DateTimeFormatter TEXT =
                new DateTimeFormatterBuilder()
                        .appendPattern("yyyy-MM-dd HH:mm:ss")
                        .appendFraction(ChronoField.NANO_OF_SECOND, 0, 6, true)
                        .appendLiteral("+00")
                        .toFormatter()
                        .withZone(ZoneOffset.UTC);

        @Override
        public String type() {
            return "time";
        }

        @Override
        public String describe() {
            return "to " + text() + ends(inclusive);
        }

        /** As {@code recovery_target_time} takes it; in UTC, to the microsecond. */
        public String text() {
            return TEXT.format(at);
        }
    }

    /**
     * To a transaction's end.
     *
     * @param xid unsigned 64 bits; the server compares the lower 32
     */
    record Xid(long xid, boolean inclusive) implements RestoreTarget {
        @Override
        public String type() {
            return "xid";
        }

        @Override
        public String describe() {
            return "to transaction " + Long.toUnsignedString(xid) + ends(inclusive);
        }
    }

    /** To a position in the log. */
    record Position(Lsn lsn, boolean inclusive) implements RestoreTarget {
        @Override
        public String type() {
            return "lsn";
        }

        @Override
        public String describe() {
            return "to " + lsn + ends(inclusive);
        }
    }

    /** To a point that {@code pg_create_restore_point} named. */
    record Name(String name) implements RestoreTarget {
        public Name {
            // PostgreSQL's own limit, and what a setting can hold.
            if (name.isEmpty() || name.length() > 63 || name.indexOf('\n') >= 0) {
                throw new IllegalArgumentException(
                        "name of a restore point must have 1 to 63 characters, was \""
                                + name
                                + "\"");
            }
        }

        @Override
        public String type() {
            return "name";
        }

        @Override
        public String describe() {
            return "to the restore point \"" + name + "\"";
        }
    }

    private static String ends(boolean inclusive) {
        return inclusive ? ", inclusive" : ", exclusive";
    }

    /**
     * Reads what {@code --type}, {@code --target} and {@code --target-exclusive} say.
     *
     * @param zone of a time that names none
     * @throws IllegalArgumentException when they do not fit
     */
    static RestoreTarget parse(
            String type, @Nullable String target, boolean exclusive, ZoneId zone) {
        return switch (type) {
            case "default" -> without(target, exclusive, type, new End());
            case "immediate" -> without(target, exclusive, type, new Immediate());
            case "time" -> new Time(Times.parse(needed(target, type), zone), !exclusive);
            case "xid" -> new Xid(xid(needed(target, type)), !exclusive);
            case "lsn" -> new Position(Lsn.parse(needed(target, type)), !exclusive);
            case "name" -> {
                if (exclusive) {
                    throw new IllegalArgumentException("a named target cannot be exclusive");
                }
                yield new Name(needed(target, type));
            }
            default ->
                    throw new IllegalArgumentException(
                            "type must be default, immediate, time, xid, lsn or name, was \""
                                    + type
                                    + "\"");
        };
    }

    private static RestoreTarget without(
            @Nullable String target, boolean exclusive, String type, RestoreTarget result) {
        if (target != null || exclusive) {
            throw new IllegalArgumentException("type " + type + " takes no target");
        }
        return result;
    }

    private static String needed(@Nullable String target, String type) {
        if (target == null || target.isBlank()) {
            throw new IllegalArgumentException("type " + type + " needs a target");
        }
        return target.strip();
    }

    private static long xid(String text) {
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("xid must be a number, was \"" + text + "\"", e);
        }
    }

    /** Times as people write them. */
    final class Times {
        private static final Pattern SHAPE =
                Pattern.compile(
                        "(?<date>\\d{4}-\\d{2}-\\d{2})[ T](?<time>\\d{2}:\\d{2}:\\d{2})"
                                + "(?<fraction>\\.\\d{1,9})?\\s*"
                                + "(?<zone>Z|[+-]\\d{2}(?::?\\d{2})?)?");
        private static final DateTimeFormatter LOCAL =
                DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss")
                        .withResolverStyle(ResolverStyle.STRICT);

        private Times() {}

        static Instant parse(String text, ZoneId zone) {
            Matcher parts = SHAPE.matcher(text);
            if (!parts.matches()) {
                throw bad(text);
            }
            try {
                TemporalAccessor local =
                        LOCAL.parse(parts.group("date") + " " + parts.group("time"));
                String offset = parts.group("zone");
                ZoneId in = offset == null ? zone : ZoneOffset.of(withMinutes(offset));
                long nanos =
                        parts.group("fraction") == null
                                ? 0
                                : Long.parseLong(
                                        (parts.group("fraction").substring(1) + "000000000")
                                                .substring(0, 9));
                return LocalDateTime.from(local).atZone(in).toInstant().plusNanos(nanos);
            } catch (DateTimeException e) {
                throw bad(text);
            }
        }

        private static String withMinutes(String offset) {
            return offset.equals("Z") || offset.length() != 3 ? offset : offset + ":00";
        }

        private static IllegalArgumentException bad(String text) {
            return new IllegalArgumentException(
                    "time must look like 2026-11-21 12:34:56.789+00, was \"" + text + "\"");
        }
    }
}
