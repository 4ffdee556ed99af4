package io.pgnode.backup.schedule;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.schedule.core.CronSchedule;
import io.pgnode.backup.schedule.core.JobState;
import io.pgnode.backup.schedule.core.JobStates;
import io.pgnode.backup.schedule.core.Placement;
import io.pgnode.backup.schedule.core.SchedulePolicy;
import io.pgnode.dcs.Dcs;
import io.pgnode.dcs.etcd.EtcdDcs;
import io.pgnode.dcs.etcd.EtcdSettings;
import io.pgnode.model.MemberName;
import io.pgnode.testing.RealEtcd;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Schedulers of several members on a real etcd. The backups are short waits. */
class SchedulerTest {
    private static final Duration TTL = Duration.ofSeconds(2);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final AtomicInteger CLUSTERS = new AtomicInteger();
    private static @Nullable RealEtcd etcd;

    /** What ran, over all members. */
    private record Ran(String member, BackupType type, long epoch) {}

    private final String cluster = "c" + CLUSTERS.incrementAndGet();
    private final List<Ran> ran = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Views views = new Views("m1").standby("m2", 0).standby("m3", 0);
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicBoolean overlapped = new AtomicBoolean();
    private volatile boolean hasFull = true;
    private Map<BackupType, CronSchedule> lines =
            Map.of(BackupType.INCR, CronSchedule.parse("* * * * * *"));
    private int retries = 3;

    @BeforeAll
    static void start() {
        etcd = RealEtcd.start();
    }

    @AfterAll
    static void stop() {
        requireNonNull(etcd).close();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void aSlotGetsOneRunWhoeverRaces() throws Exception {
        for (String member : List.of("m1", "m2", "m3")) {
            scheduler(member, new Quick(member));
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> ran.size() >= 6);
        int count = ran.size();
        JobStates states = states();
        closeAll();
        open.clear();

        assertThat(overlapped).isFalse();
        assertThat(ran.stream().map(Ran::epoch)).doesNotHaveDuplicates().isSorted();
        JobState state = states.of(BackupType.INCR);
        // One run a slot, and slots are whole seconds.
        long seconds =
                Duration.between(states.since(), requireNonNull(state.slot())).toSeconds() + 1;
        assertThat((long) count).isLessThanOrEqualTo(seconds);
    }

    @Test
    void anotherMemberFinishesWhatAKilledOneBegan() throws Exception {
        lines = Map.of();
        hasFull = false;
        CountDownLatch never = new CountDownLatch(1);
        Dcs doomed = dcs();
        Scheduler first = scheduler("m2", doomed, new Hanging("m2", never));
        await().until(() -> !ran.isEmpty());
        // The process dies: no renewals, no word to anybody.
        doomed.close();
        scheduler("m3", new Quick("m3"));

        await().atMost(Duration.ofSeconds(15)).until(() -> ran.size() >= 2);
        await().until(() -> states().of(BackupType.FULL).result() == JobState.Result.DONE);
        JobState state = states().of(BackupType.FULL);
        assertThat(state.attempts()).isEqualTo(2);
        assertThat(state.member()).isEqualTo("m3");
        assertThat(ran.get(1).epoch()).isEqualTo(ran.get(0).epoch() + 1);
        // And the first one was told to stop, before the other began.
        assertThat(never.getCount()).isZero();
        assertThat(overlapped).isFalse();
        first.close();
        open.remove(first);
    }

    @Test
    void aMemberThatStopsLetsAnotherGoOnAtOnce() throws Exception {
        lines = Map.of();
        hasFull = false;
        Scheduler first = scheduler("m2", dcs(), new Hanging("m2", new CountDownLatch(1)));
        await().until(() -> !ran.isEmpty());
        long before = System.nanoTime();
        first.close();
        open.remove(first);
        scheduler("m3", new Quick("m3"));

        await().until(() -> states().of(BackupType.FULL).result() == JobState.Result.DONE);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(TTL);
        assertThat(states().of(BackupType.FULL).attempts()).isEqualTo(2);
    }

    @Test
    void failuresAreRememberedForTheRetry() throws Exception {
        lines = Map.of();
        hasFull = false;
        scheduler(
                "m1",
                (type, epoch, max) -> {
                    ran.add(new Ran("m1", type, epoch));
                    return new Finished(new BackupRunner.Outcome(false, "no space left"));
                });
        await().until(() -> states().of(BackupType.FULL).result() == JobState.Result.FAILED);
        JobState state = states().of(BackupType.FULL);
        assertThat(state.message()).isEqualTo("no space left");
        assertThat(state.attempts()).isEqualTo(1);
        assertThat(ran).hasSize(1);
        assertThat(store(dcs()).read().holder()).isNull();
    }

    @Test
    void anOperatorsLeaseKeepsTheScheduleOff() throws Exception {
        ScheduleStore store = store(dcs());
        Optional<BackupLease> held =
                BackupLease.take(
                        store,
                        store.read(),
                        "operator",
                        BackupType.FULL,
                        null,
                        Instant.now(),
                        null,
                        TTL,
                        System::nanoTime,
                        () -> new BackupLease.Progress(5, 10),
                        () -> {});
        assertThat(held).isPresent();
        scheduler("m1", new Quick("m1"));
        // Longer than the lease: it is renewed, and tells its progress.
        await().atMost(Duration.ofSeconds(8))
                .until(() -> requireNonNull(store.read().holder()).doneBytes() == 5);
        await().pollDelay(TTL.plus(TTL.dividedBy(2))).until(() -> held.get().isHeld());
        assertThat(ran).isEmpty();
        assertThat(
                        BackupLease.take(
                                store,
                                store.read(),
                                "another",
                                BackupType.FULL,
                                null,
                                Instant.now(),
                                null,
                                TTL,
                                System::nanoTime,
                                () -> BackupLease.Progress.NONE,
                                () -> {}))
                .isEmpty();
        assertThat(held.get().release(null)).isTrue();
        await().until(() -> !ran.isEmpty());
        assertThat(ran.getFirst().epoch()).isEqualTo(held.get().epoch() + 1);
    }

    @Test
    void aLeaseThatIsTakenAwayIsLost() throws Exception {
        ScheduleStore store = store(dcs());
        CountDownLatch lost = new CountDownLatch(1);
        Optional<BackupLease> held =
                BackupLease.take(
                        store,
                        store.read(),
                        "m1",
                        BackupType.DIFF,
                        null,
                        Instant.now(),
                        null,
                        TTL,
                        System::nanoTime,
                        () -> BackupLease.Progress.NONE,
                        lost::countDown);
        store.revoke(requireNonNull(store.read().holder()).leaseId());
        assertThat(lost.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(held.orElseThrow().isHeld()).isFalse();
        assertThat(held.get().release(null)).isFalse();
    }

    private Scheduler scheduler(String member, BackupRunner runner) {
        return scheduler(member, dcs(), runner);
    }

    private Scheduler scheduler(String member, Dcs dcs, BackupRunner runner) {
        Scheduler started =
                Scheduler.start(
                        new Scheduler.Setup(
                                new MemberName(member),
                                this::policy,
                                store(dcs),
                                views::view,
                                () -> hasFull,
                                runner,
                                TTL,
                                Duration.ZERO,
                                Duration.ofMillis(100),
                                InstantSource.system(),
                                System::nanoTime));
        open.add(started);
        return started;
    }

    private SchedulePolicy policy() {
        return new SchedulePolicy(
                cluster,
                true,
                ZoneId.of("Europe/Berlin"),
                lines,
                Duration.ZERO,
                null,
                Duration.ofHours(1),
                retries,
                Duration.ofHours(1),
                Placement.Preference.PREFER_STANDBY,
                true);
    }

    private JobStates states() throws InterruptedException {
        Dcs known = reader;
        if (known == null) {
            known = dcs();
            reader = known;
        }
        JobStates states = store(known).read().states();
        return states == null ? new JobStates(Instant.now(), Map.of()) : states;
    }

    private @Nullable Dcs reader;

    /** One for each scheduler, as in life; readers share one. */
    private Dcs dcs() {
        Dcs connected = new EtcdDcs(EtcdSettings.plain(requireNonNull(etcd).endpoint()));
        open.addFirst(connected);
        return connected;
    }

    private ScheduleStore store(Dcs dcs) {
        return new ScheduleStore(dcs, "/service/", cluster, TIMEOUT);
    }

    private void enter() {
        if (atOnce.incrementAndGet() > 1) {
            overlapped.set(true);
        }
    }

    /** Takes 20 ms. */
    private final class Quick implements BackupRunner {
        private final String member;

        Quick(String member) {
            this.member = member;
        }

        @Override
        public Run start(BackupType type, long epoch, Duration maxRunTime) {
            enter();
            ran.add(new Ran(member, type, epoch));
            return new Finished(new Outcome(true, "label")) {
                @Override
                public Outcome await() throws InterruptedException {
                    Thread.sleep(20);
                    atOnce.decrementAndGet();
                    hasFull = true;
                    return super.await();
                }
            };
        }
    }

    /** Runs until it is cancelled. */
    private final class Hanging implements BackupRunner {
        private final String member;
        private final CountDownLatch cancelled;

        Hanging(String member, CountDownLatch cancelled) {
            this.member = member;
            this.cancelled = cancelled;
        }

        @Override
        public Run start(BackupType type, long epoch, Duration maxRunTime) {
            enter();
            ran.add(new Ran(member, type, epoch));
            return new Run() {
                @Override
                public Outcome await() throws InterruptedException {
                    cancelled.await();
                    atOnce.decrementAndGet();
                    return new Outcome(false, "stopped");
                }

                @Override
                public void cancel() {
                    cancelled.countDown();
                }

                @Override
                public BackupLease.Progress progress() {
                    return new BackupLease.Progress(1, 2);
                }
            };
        }
    }

    private static class Finished implements BackupRunner.Run {
        private final BackupRunner.Outcome outcome;

        Finished(BackupRunner.Outcome outcome) {
            this.outcome = outcome;
        }

        @Override
        public BackupRunner.Outcome await() throws InterruptedException {
            return outcome;
        }

        @Override
        public void cancel() {}

        @Override
        public BackupLease.Progress progress() {
            return BackupLease.Progress.NONE;
        }
    }
}
