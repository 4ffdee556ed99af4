package io.pgnode.backup.schedule.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.BackupType;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SchedulePlanTest {
    private static final Instant SINCE = Instant.parse("2026-11-16T12:00:00Z"); // a Monday
    private static final Map<BackupType, String> LAYERS =
            Map.of(
                    BackupType.FULL, "0 1 * * sun",
                    BackupType.DIFF, "0 1 * * *",
                    BackupType.INCR, "0 */4 * * *");

    private JobStates states = new JobStates(SINCE, Map.of());
    private Duration jitter = Duration.ZERO;
    private @Nullable Duration window;
    private int retries = 3;
    private Duration catchUp = Duration.ofHours(24);
    private Map<BackupType, String> lines = LAYERS;

    @Test
    void waitsForTheNextSlotAndSaysWhich() {
        assertThat(at("2026-11-16T13:00:00Z"))
                .isEqualTo(
                        new ScheduleAction.Wait(
                                Instant.parse("2026-11-16T16:00:00Z"),
                                "next is incr for the slot of 2026-11-16T16:00:00Z"));
    }

    @Test
    void slotsBeforeTheScheduleAreNobodys() {
        assertThat(at("2026-11-16T12:00:01Z")).isInstanceOf(ScheduleAction.Wait.class);
    }

    @Test
    void runsAtItsSlot() {
        ScheduleAction.Run run = run("2026-11-16T16:00:00Z");
        assertThat(run.type()).isEqualTo(BackupType.INCR);
        assertThat(run.attempt()).isEqualTo(1);
        assertThat(run.why()).isEqualTo("slot of 2026-11-16T16:00:00Z");
    }

    @Test
    void aLargerTypeAtTheSameSlotWins() {
        done(BackupType.INCR, "2026-11-22T00:00:00Z");
        done(BackupType.DIFF, "2026-11-21T01:00:00Z");
        assertThat(run("2026-11-22T01:00:00Z").type()).isEqualTo(BackupType.FULL);

        done(BackupType.FULL, "2026-11-22T01:00:00Z");

        assertThat(at("2026-11-22T01:30:00Z"))
                .isEqualTo(
                        new ScheduleAction.Wait(
                                Instant.parse("2026-11-22T04:00:00Z"),
                                "next is incr for the slot of 2026-11-22T04:00:00Z"));
    }

    @Test
    void aLargerTypeThatWasGivenUpStandsForTheSmallerAtTheSameSlot() {
        done(BackupType.INCR, "2026-11-22T00:00:00Z");
        retries = 0;
        failed(BackupType.FULL, "2026-11-22T01:00:00Z", 1, "2026-11-22T01:10:00Z");
        assertThat(at("2026-11-22T01:30:00Z")).isInstanceOf(ScheduleAction.Wait.class);
    }

    @Test
    void manyMissedSlotsAreOneBackup() {
        ScheduleAction.Run run = run("2026-11-22T11:00:00Z");
        assertThat(run.type()).isEqualTo(BackupType.FULL);
        assertThat(run.why()).isEqualTo("catching up on the slot of 2026-11-22T01:00:00Z");

        states =
                states.with(
                        BackupType.FULL,
                        JobState.NONE
                                .begin(run.slot(), 1, Instant.parse("2026-11-22T11:00:00Z"), "m")
                                .done(Instant.parse("2026-11-22T11:20:00Z"), "l"));

        assertThat(at("2026-11-22T11:21:00Z"))
                .isEqualTo(
                        new ScheduleAction.Wait(
                                Instant.parse("2026-11-22T12:00:00Z"),
                                "next is incr for the slot of 2026-11-22T12:00:00Z"));
    }

    @Test
    void whatIsTooOldIsNotMadeUpFor() {
        lines = Map.of(BackupType.FULL, "0 1 * * sun");
        catchUp = Duration.ofHours(6);
        assertThat(run("2026-11-22T06:59:00Z").type()).isEqualTo(BackupType.FULL);
        assertThat(at("2026-11-22T07:01:00Z")).isInstanceOf(ScheduleAction.Wait.class);
        catchUp = Duration.ZERO;
        assertThat(run("2026-11-22T01:04:00Z").type()).isEqualTo(BackupType.FULL);
    }

    @Test
    void nothingStartsAfterTheWindow() {
        lines = Map.of(BackupType.FULL, "0 1 * * *");
        window = Duration.ofHours(2);
        assertThat(run("2026-11-17T02:59:00Z").type()).isEqualTo(BackupType.FULL);
        assertThat(at("2026-11-17T03:01:00Z"))
                .isEqualTo(
                        new ScheduleAction.Wait(
                                Instant.parse("2026-11-18T01:00:00Z"),
                                "next is full for the slot of 2026-11-18T01:00:00Z"));
        failed(BackupType.FULL, "2026-11-17T01:00:00Z", 1, "2026-11-17T02:58:00Z");
        assertThat(at("2026-11-17T02:59:00Z").why()).startsWith("next is full");
    }

    @Test
    void retriesAfterFiveFifteenAndFortyFiveMinutes() {
        lines = Map.of(BackupType.FULL, "0 1 * * *");
        String slot = "2026-11-17T01:00:00Z";
        List<String> pauses = new ArrayList<>();
        for (int attempt = 1; attempt <= 4; attempt++) {
            failed(BackupType.FULL, slot, attempt, "2026-11-17T02:00:00Z");
            ScheduleAction wait = at("2026-11-17T02:00:00Z");
            assertThat(wait).isInstanceOf(ScheduleAction.Wait.class);
            pauses.add(((ScheduleAction.Wait) wait).until().toString());
            if (attempt < 4) {
                ScheduleAction.Run retry = run(((ScheduleAction.Wait) wait).until().toString());
                assertThat(retry.slot()).isEqualTo(Instant.parse(slot));
                assertThat(retry.attempt()).isEqualTo(attempt + 1);
                assertThat(retry.why()).endsWith("try " + (attempt + 1) + " after: no space");
            }
        }
        assertThat(pauses)
                .containsExactly(
                        "2026-11-17T02:05:00Z",
                        "2026-11-17T02:15:00Z",
                        "2026-11-17T02:45:00Z",
                        "2026-11-18T01:00:00Z");
    }

    @Test
    void smallerOnesWaitWhileALargerIsTried() {
        failed(BackupType.FULL, "2026-11-22T01:00:00Z", 2, "2026-11-22T03:55:00Z");
        ScheduleAction action = at("2026-11-22T04:00:00Z");
        assertThat(action)
                .isEqualTo(
                        new ScheduleAction.Wait(
                                Instant.parse("2026-11-22T04:10:00Z"),
                                "slot of 2026-11-22T01:00:00Z, try 3 after: no space"));
    }

    @Test
    void whatWasCutOffGoesOnAtOnce() {
        states =
                states.with(
                        BackupType.INCR,
                        JobState.NONE.begin(
                                Instant.parse("2026-11-16T16:00:00Z"),
                                1,
                                Instant.parse("2026-11-16T16:00:03Z"),
                                "pg-test-2"));
        ScheduleAction.Run run = run("2026-11-16T16:01:00Z");
        assertThat(run.attempt()).isEqualTo(2);
        assertThat(run.why())
                .isEqualTo("slot of 2026-11-16T16:00:00Z, which pg-test-2 did not finish");
    }

    @Test
    void anEmptyRepositoryGetsAFullBackupAtOnceAndForEver() {
        ScheduleAction first = SchedulePlan.next(policy(), states, false, null, SINCE);
        assertThat(first)
                .isEqualTo(
                        new ScheduleAction.Run(
                                BackupType.FULL,
                                SINCE,
                                1,
                                SINCE,
                                "first full backup, the repository has none"));
        for (int attempt = 1; attempt < 20; attempt++) {
            failed(BackupType.FULL, SINCE.toString(), attempt, "2026-11-16T12:10:00Z");
            assertThat(
                            SchedulePlan.next(
                                    policy(),
                                    states,
                                    false,
                                    null,
                                    Instant.parse("2026-11-16T12:55:00Z")))
                    .isInstanceOf(ScheduleAction.Run.class);
        }
    }

    @Test
    void aFullBackupThatIsAskedForIsMadeOnceWhateverTheLinesSay() {
        lines = Map.of();
        Instant since = SINCE.plusSeconds(60);
        WantedBackup wanted = new WantedBackup(since, "the recovery");
        Instant now = since.plusSeconds(5);
        assertThat(SchedulePlan.next(policy(), states, true, wanted, now))
                .isEqualTo(
                        new ScheduleAction.Run(
                                BackupType.FULL,
                                since,
                                1,
                                since,
                                "full backup after the recovery"));
        failed(BackupType.FULL, since.toString(), 1, now.toString());
        assertThat(SchedulePlan.next(policy(), states, true, wanted, now))
                .isInstanceOf(ScheduleAction.Wait.class);
        Instant later = now.plus(Duration.ofHours(1));
        assertThat(SchedulePlan.next(policy(), states, true, wanted, later))
                .isInstanceOf(ScheduleAction.Run.class);
        assertThat(SchedulePlan.isServed(states, wanted)).isFalse();
        states =
                states.with(
                        BackupType.FULL,
                        states.of(BackupType.FULL).begin(since, 2, later, "m").done(later, "F"));
        assertThat(SchedulePlan.isServed(states, wanted)).isTrue();
        assertThat(SchedulePlan.next(policy(), states, true, wanted, later))
                .isEqualTo(new ScheduleAction.Wait(Instant.MAX, "no backup is scheduled"));
    }

    @Test
    void anEmptyRepositoryWithoutLinesGetsOne() {
        lines = Map.of();
        assertThat(SchedulePlan.next(policy(), states, false, null, SINCE))
                .isInstanceOf(ScheduleAction.Run.class);
        assertThat(SchedulePlan.next(policy(), states, true, null, SINCE))
                .isEqualTo(new ScheduleAction.Wait(Instant.MAX, "no backup is scheduled"));
    }

    @Test
    void theDelayIsTheClustersOwnAndWithinTheJitter() {
        jitter = Duration.ofMinutes(10);
        List<Duration> delays = new ArrayList<>();
        for (int i = 1; i <= 50; i++) {
            Duration delay = policy("pg-test-" + i).delay();
            assertThat(delay).isBetween(Duration.ZERO, jitter);
            assertThat(policy("pg-test-" + i).delay()).isEqualTo(delay);
            delays.add(delay);
        }
        assertThat(delays.stream().distinct().count()).isGreaterThan(40);
        Duration delay = policy().delay();
        Instant due = Instant.parse("2026-11-16T16:00:00Z").plus(delay);
        assertThat(at(due.minusSeconds(1).toString()))
                .isEqualTo(
                        new ScheduleAction.Wait(
                                due, "next is incr for the slot of 2026-11-16T16:00:00Z"));
        assertThat(run(due.toString()).slot()).isEqualTo(Instant.parse("2026-11-16T16:00:00Z"));
    }

    /**
     * Runs the plan through the week of a change of the clock, with failures and pauses by chance:
     * no slot has two successful backups, time goes on, and every day has a backup.
     */
    @Test
    void neverRunsASlotTwice() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (String zone : List.of("Europe/Berlin", "America/New_York")) {
            for (int round = 0; round < 20; round++) {
                simulate(random, ZoneId.of(zone), "seed " + seed + " " + zone);
            }
        }
    }

    private void simulate(Random random, ZoneId zone, String what) {
        Instant start = Instant.parse("2026-10-23T12:00:00Z");
        Instant end = start.plus(Duration.ofDays(12));
        states = new JobStates(start, Map.of());
        SchedulePolicy policy = policy("c", zone);
        Map<BackupType, List<Instant>> successes = new EnumMap<>(BackupType.class);
        Instant now = start;
        boolean hasFull = false;
        while (now.isBefore(end)) {
            switch (SchedulePlan.next(policy, states, hasFull, null, now)) {
                case ScheduleAction.Wait wait -> {
                    assertThat(wait.until()).as(what).isAfter(now);
                    now = wait.until().plusSeconds(random.nextInt(3));
                }
                case ScheduleAction.Run run -> {
                    JobState state =
                            states.of(run.type()).begin(run.slot(), run.attempt(), now, "m");
                    now = now.plusSeconds(random.nextInt(7200));
                    boolean isGood = random.nextInt(4) > 0;
                    boolean isCut = !isGood && random.nextBoolean();
                    if (isGood) {
                        List<Instant> seen =
                                successes.computeIfAbsent(run.type(), t -> new ArrayList<>());
                        assertThat(seen).as(what).doesNotContain(run.slot());
                        seen.add(run.slot());
                        hasFull |= run.type() == BackupType.FULL;
                    }
                    states =
                            states.with(
                                    run.type(),
                                    isGood
                                            ? state.done(now, "l")
                                            : isCut ? state : state.failed(now, "x"));
                }
            }
        }
        assertThat(successes.values().stream().mapToInt(List::size).sum())
                .as(what)
                .isGreaterThan(25);
    }

    private SchedulePolicy policy() {
        return policy("pg-test");
    }

    private SchedulePolicy policy(String cluster) {
        return policy(cluster, ZoneId.of("UTC"));
    }

    private SchedulePolicy policy(String cluster, ZoneId zone) {
        Map<BackupType, CronSchedule> parsed = new EnumMap<>(BackupType.class);
        lines.forEach((type, line) -> parsed.put(type, CronSchedule.parse(line)));
        return new SchedulePolicy(
                cluster,
                true,
                zone,
                parsed,
                jitter,
                window,
                Duration.ofHours(24),
                retries,
                catchUp,
                Placement.Preference.PREFER_STANDBY,
                true);
    }

    private ScheduleAction at(String now) {
        return SchedulePlan.next(policy(), states, true, null, Instant.parse(now));
    }

    private ScheduleAction.Run run(String now) {
        ScheduleAction action = at(now);
        assertThat(action).isInstanceOf(ScheduleAction.Run.class);
        return (ScheduleAction.Run) action;
    }

    private void done(BackupType type, String slot) {
        Instant at = Instant.parse(slot);
        change(type, state -> state.begin(at, 1, at, "m").done(at.plusSeconds(60), "l"));
    }

    private void failed(BackupType type, String slot, int attempt, String finished) {
        Instant at = Instant.parse(slot);
        change(
                type,
                state ->
                        state.begin(at, attempt, at, "m")
                                .failed(Instant.parse(finished), "no space"));
    }

    private void change(BackupType type, UnaryOperator<JobState> change) {
        states = states.with(type, change.apply(states.of(type)));
    }
}
