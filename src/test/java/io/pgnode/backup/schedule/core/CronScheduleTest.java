package io.pgnode.backup.schedule.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronScheduleTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    0 1 * * *          | 2026-11-21T00:30 | 2026-11-21T01:00
                    0 1 * * *          | 2026-11-21T01:00 | 2026-11-22T01:00
                    30 0 1 * * *       | 2026-11-21T01:00 | 2026-11-21T01:00:30
                    */15 * * * *       | 2026-11-21T01:07 | 2026-11-21T01:15
                    5/20 * * * *       | 2026-11-21T01:07 | 2026-11-21T01:25
                    0 0-6/2,20 * * *   | 2026-11-21T05:00 | 2026-11-21T06:00
                    0 0-6/2,20 * * *   | 2026-11-21T06:00 | 2026-11-21T20:00
                    0 1 * * sun        | 2026-11-21T00:30 | 2026-11-22T01:00
                    0 1 * * 7          | 2026-11-21T00:30 | 2026-11-22T01:00
                    0 1 * * FRI-7      | 2026-11-22T02:00 | 2026-11-27T01:00
                    0 1 13 * fri       | 2026-11-21T00:30 | 2026-11-27T01:00
                    0 1 30 * fri       | 2026-11-27T01:00 | 2026-11-30T01:00
                    0 1 1 jan *        | 2026-11-21T00:30 | 2027-01-01T01:00
                    0 0 29 2 *         | 2096-03-01T00:00 | 2104-02-29T00:00
                    0 0 31 4,5 *       | 2026-01-01T00:00 | 2026-05-31T00:00
                    @daily             | 2026-11-21T00:30 | 2026-11-22T00:00
                    @Weekly            | 2026-11-21T00:30 | 2026-11-22T00:00
                    @hourly            | 2026-11-21T00:30 | 2026-11-21T01:00
                    @monthly           | 2026-11-21T00:30 | 2026-12-01T00:00
                    @yearly            | 2026-11-21T00:30 | 2027-01-01T00:00
                    0 1 * * *;0 5 * * 6| 2026-11-21T02:00 | 2026-11-21T05:00
                    """)
    void findsTheNextSlot(String line, String after, String expected) {
        assertThat(CronSchedule.parse(line).next(utc(after), ZoneId.of("UTC")))
                .contains(utc(expected));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    0 1 * * *          | 2026-11-21T00:30 | 2026-11-20T01:00
                    0 1 * * *          | 2026-11-21T01:00 | 2026-11-21T01:00
                    */15 * * * *       | 2026-11-21T01:07 | 2026-11-21T01:00
                    0 1 * * sun        | 2026-11-21T00:30 | 2026-11-15T01:00
                    0 0 29 2 *         | 2104-02-28T00:00 | 2096-02-29T00:00
                    0 1 * * *;0 5 * * 6| 2026-11-22T00:00 | 2026-11-21T05:00
                    """)
    void findsTheLastSlot(String line, String to, String expected) {
        assertThat(CronSchedule.parse(line).previous(utc(to), ZoneId.of("UTC")))
                .contains(utc(expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "* * * *",
                "* * * * * * *",
                "60 * * * *",
                "* 24 * * *",
                "* * 0 * *",
                "* * * 13 *",
                "* * * * 8",
                "5-1 * * * *",
                "*/0 * * * *",
                "1/2/3 * * * *",
                "a * * * *",
                "1,,2 * * * *",
                "-1 * * * *",
                "0 0 30 2 *",
                "@fortnightly",
                "0 1 * * *;",
            })
    void refusesWhatIsNoLine(String line) {
        assertThatIllegalArgumentException().isThrownBy(() -> CronSchedule.parse(line));
    }

    @Test
    void aSkippedHourIsOneSlotAtTheChange() {
        // 2026-03-29 02:00 CET becomes 03:00 CEST, at 01:00 UTC.
        assertThat(day(CronSchedule.parse("30 2 * * *"), BERLIN, "2026-03-29"))
                .containsExactly(Instant.parse("2026-03-29T01:00:00Z"));
        assertThat(day(CronSchedule.parse("*/10 2 * * *"), BERLIN, "2026-03-29"))
                .containsExactly(Instant.parse("2026-03-29T01:00:00Z"));
        assertThat(day(CronSchedule.parse("0 2,3 * * *"), BERLIN, "2026-03-29"))
                .containsExactly(Instant.parse("2026-03-29T01:00:00Z"));
        // 2026-03-08 02:00 EST becomes 03:00 EDT, at 07:00 UTC.
        assertThat(day(CronSchedule.parse("15 2 * * *"), NEW_YORK, "2026-03-08"))
                .containsExactly(Instant.parse("2026-03-08T07:00:00Z"));
    }

    @Test
    void aRepeatedHourIsItsFirstTimeOnly() {
        // 2026-10-25 03:00 CEST becomes 02:00 CET, at 01:00 UTC.
        assertThat(day(CronSchedule.parse("30 2 * * *"), BERLIN, "2026-10-25"))
                .containsExactly(Instant.parse("2026-10-25T00:30:00Z"));
        assertThat(day(CronSchedule.parse("0 1-3 * * *"), BERLIN, "2026-10-25"))
                .containsExactly(
                        Instant.parse("2026-10-24T23:00:00Z"),
                        Instant.parse("2026-10-25T00:00:00Z"),
                        Instant.parse("2026-10-25T02:00:00Z"));
        // 2026-11-01 02:00 EDT becomes 01:00 EST, at 06:00 UTC.
        assertThat(day(CronSchedule.parse("15 1 * * *"), NEW_YORK, "2026-11-01"))
                .containsExactly(Instant.parse("2026-11-01T05:15:00Z"));
        assertThat(
                        CronSchedule.parse("45 1 * * *")
                                .previous(Instant.parse("2026-11-01T06:10:00Z"), NEW_YORK))
                .contains(Instant.parse("2026-11-01T05:45:00Z"));
    }

    /** Over a year with both changes: every local day has its one slot, forwards as backwards. */
    @ParameterizedTest
    @ValueSource(strings = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"})
    void everyLocalTimeOfDayIsOneSlotADay(String zone) {
        ZoneId id = ZoneId.of(zone);
        Instant start = LocalDateTime.of(2026, 1, 1, 0, 0).atZone(id).toInstant();
        Instant end = LocalDateTime.of(2027, 1, 1, 0, 0).atZone(id).toInstant();
        for (int minute = 0; minute < 24 * 60; minute += 10) {
            String line = minute % 60 + " " + minute / 60 + " * * *";
            assertThat(slots(CronSchedule.parse(line), id, start, end)).as(line).hasSize(365);
        }
    }

    @Test
    void forwardsAndBackwardsAreTheSameSlots() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> lines =
                List.of(
                        "*/7 * * * *",
                        "0 */4 * * *",
                        "30 2 * * *",
                        "0 2,3 * * 0",
                        "*/40 59 1,2,3 * * *",
                        "0 1 * * *; 30 2 * * sun");
        for (ZoneId zone : List.of(BERLIN, NEW_YORK, ZoneId.of("Australia/Lord_Howe"))) {
            for (String change :
                    List.of(
                            "2026-03-08",
                            "2026-03-29",
                            "2026-04-05",
                            "2026-10-04",
                            "2026-10-25",
                            "2026-11-01")) {
                Instant start = Instant.parse(change + "T00:00:00Z").minus(Duration.ofDays(1));
                Instant end = start.plus(Duration.ofDays(3));
                for (String line : lines) {
                    CronSchedule cron = CronSchedule.parse(line);
                    TreeSet<Instant> slots = new TreeSet<>(slots(cron, zone, start, end));
                    for (int i = 0; i < 40; i++) {
                        Instant at =
                                start.plusSeconds(random.nextLong(Duration.ofDays(3).toSeconds()));
                        Instant floor = slots.floor(at);
                        Optional<Instant> found = cron.previous(at, zone);
                        if (floor != null) {
                            assertThat(found)
                                    .as("seed %d, %s, %s at %s", seed, line, zone, at)
                                    .contains(floor);
                        }
                    }
                }
            }
        }
    }

    private static List<Instant> day(CronSchedule cron, ZoneId zone, String day) {
        Instant start = LocalDateTime.parse(day + "T00:00").atZone(zone).toInstant();
        Instant end = LocalDateTime.parse(day + "T00:00").plusDays(1).atZone(zone).toInstant();
        return slots(cron, zone, start, end);
    }

    /** From {@code start} on, before {@code end}. */
    private static List<Instant> slots(CronSchedule cron, ZoneId zone, Instant start, Instant end) {
        List<Instant> slots = new ArrayList<>();
        Instant at = start.minusNanos(1);
        while (true) {
            Optional<Instant> next = cron.next(at, zone);
            if (next.isEmpty() || !next.get().isBefore(end)) {
                return slots;
            }
            assertThat(next.get()).isAfter(at);
            at = next.get();
            slots.add(at);
        }
    }

    private static Instant utc(String local) {
        return LocalDateTime.parse(local).atZone(ZoneId.of("UTC")).toInstant();
    }
}
