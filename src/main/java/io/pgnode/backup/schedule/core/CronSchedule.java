package io.pgnode.backup.schedule.core;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Slots by cron lines: five fields, or six with seconds first, or {@code @daily} and the like.
 *
 * <p>Local times that a change of the clock skips become one slot, the moment of the change. Those
 * that it repeats are slots at their first time only. So every local time has one slot, and slots
 * never go back.
 */
public final class CronSchedule {
    private final String text;
    private final List<CronLine> lines;

    private CronSchedule(String text, List<CronLine> lines) {
        this.text = text;
        this.lines = lines;
    }

    /**
     * @param text cron lines, separated by {@code ;}
     * @throws IllegalArgumentException says what is wrong
     */
    public static CronSchedule parse(String text) {
        List<CronLine> lines = new ArrayList<>();
        for (String line : text.split(";", -1)) {
            if (line.isBlank()) {
                throw new IllegalArgumentException("a cron line is empty");
            }
            lines.add(CronLine.parse(line));
        }
        return new CronSchedule(text.strip(), List.copyOf(lines));
    }

    /** The first slot after {@code after}. */
    public Optional<Instant> next(Instant after, ZoneId zone) {
        Instant best = null;
        for (CronLine line : lines) {
            Instant slot = next(line, after, zone.getRules());
            if (slot != null && (best == null || slot.isBefore(best))) {
                best = slot;
            }
        }
        return Optional.ofNullable(best);
    }

    /** The last slot at {@code to} or before. */
    public Optional<Instant> previous(Instant to, ZoneId zone) {
        Instant best = null;
        for (CronLine line : lines) {
            Instant slot = previous(line, to, zone.getRules());
            if (slot != null && (best == null || slot.isAfter(best))) {
                best = slot;
            }
        }
        return Optional.ofNullable(best);
    }

    private static @Nullable Instant next(CronLine line, Instant after, ZoneRules rules) {
        LocalDateTime from = LocalDateTime.ofInstant(after, rules.getOffset(after));
        while (true) {
            LocalDateTime local = line.next(from);
            if (local == null) {
                return null;
            }
            Instant slot = slot(local, rules);
            if (slot.isAfter(after)) {
                return slot;
            }
            // In a repeated hour, or at the moment of a change, it has been a slot already.
            from = local.plusSeconds(1);
        }
    }

    private static @Nullable Instant previous(CronLine line, Instant to, ZoneRules rules) {
        LocalDateTime local = LocalDateTime.ofInstant(to, rules.getOffset(to));
        ZoneOffsetTransition change = rules.getTransition(local);
        boolean isRepeated =
                change != null && change.isOverlap() && !to.isBefore(change.getInstant());
        LocalDateTime until = isRepeated ? change.getDateTimeBefore().minusNanos(1) : local;
        LocalDateTime found = line.previous(until);
        return found == null ? null : slot(found, rules);
    }

    private static Instant slot(LocalDateTime local, ZoneRules rules) {
        ZoneOffsetTransition change = rules.getTransition(local);
        if (change == null) {
            return local.toInstant(rules.getOffset(local));
        }
        return change.isGap() ? change.getInstant() : local.toInstant(change.getOffsetBefore());
    }

    @Override
    public String toString() {
        return text;
    }
}
