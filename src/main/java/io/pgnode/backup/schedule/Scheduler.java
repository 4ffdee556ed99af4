package io.pgnode.backup.schedule;

import io.pgnode.backup.schedule.core.JobState;
import io.pgnode.backup.schedule.core.JobStates;
import io.pgnode.backup.schedule.core.Placement;
import io.pgnode.backup.schedule.core.ScheduleAction;
import io.pgnode.backup.schedule.core.SchedulePlan;
import io.pgnode.backup.schedule.core.SchedulePolicy;
import io.pgnode.cluster.ClusterView;
import io.pgnode.dcs.DcsException;
import io.pgnode.model.MemberName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes the backups of a cluster by its schedule. It runs on every member; the DCS makes sure that
 * a slot gets one run. What was cut off by the death of a member is finished by another.
 *
 * <p>One thread of its own; {@link #close} ends a running backup, which another member resumes.
 */
public final class Scheduler implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Scheduler.class);

    /** Asks whether the repository has a full backup; may take its time, and may fail. */
    @FunctionalInterface
    public interface FullBackups {
        /**
         * @throws IOException when the repository cannot be read
         */
        boolean exist() throws IOException;
    }

    /**
     * What it works with.
     *
     * @param policy asked before each decision, so that a reload counts
     * @param view the cluster, as the DCS has it
     * @param yield how much later than the best member the next one begins, should that not
     * @param poll longest time between two looks
     * @param nanos monotonic
     */
    public record Setup(
            MemberName self,
            Supplier<SchedulePolicy> policy,
            ScheduleStore store,
            Callable<ClusterView> view,
            FullBackups fullBackups,
            BackupRunner runner,
            Duration leaseTtl,
            Duration yield,
            Duration poll,
            InstantSource clock,
            LongSupplier nanos) {
        /** With the usual times. */
        public Setup(
                MemberName self,
                Supplier<SchedulePolicy> policy,
                ScheduleStore store,
                Callable<ClusterView> view,
                FullBackups fullBackups,
                BackupRunner runner) {
            this(
                    self,
                    policy,
                    store,
                    view,
                    fullBackups,
                    runner,
                    BackupLease.TTL,
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(10),
                    InstantSource.system(),
                    System::nanoTime);
        }
    }

    private final Setup setup;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wake = lock.newCondition();
    private final AtomicReference<BackupRunner.@Nullable Run> running = new AtomicReference<>();
    private final Thread thread;
    private volatile boolean closed;

    /** Guarded by the lock. */
    private boolean woken;

    // Confined to the thread.
    private boolean hasFull;
    private String lastWhy = "";
    private String lastProblem = "";

    private Scheduler(Setup setup) {
        this.setup = setup;
        this.thread = Thread.ofVirtual().name("backup-scheduler").unstarted(this::run);
    }

    public static Scheduler start(Setup setup) {
        Scheduler scheduler = new Scheduler(setup);
        scheduler.thread.start();
        return scheduler;
    }

    /** Looks again soon; for a configuration that has changed. */
    public void wake() {
        lock.lock();
        try {
            woken = true;
            wake.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (!closed) {
                Duration pause = setup.poll();
                try {
                    pause = turn();
                    lastProblem = "";
                } catch (DcsException | IllegalArgumentException | IOException e) {
                    problem(String.valueOf(e.getMessage()));
                }
                sleep(pause);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void problem(String why) {
        if (!why.equals(lastProblem)) {
            lastProblem = why;
            LOG.warnf("backup schedule cannot decide why=\"%s\"", why);
        }
    }

    private void sleep(Duration pause) throws InterruptedException {
        lock.lock();
        try {
            // Woken or not, it looks again.
            long left = pause.toNanos();
            while (!closed && !woken && left > 0) {
                left = wake.awaitNanos(left);
            }
            woken = false;
        } finally {
            lock.unlock();
        }
    }

    /** One look; returns when to look again. */
    private Duration turn() throws InterruptedException, IOException {
        ScheduleSnapshot seen = setup.store().read();
        Instant now = setup.clock().instant();
        JobStates states = seen.states();
        if (states == null) {
            setup.store().begin(now);
            return Duration.ZERO;
        }
        if (seen.holder() != null) {
            return setup.poll();
        }
        SchedulePolicy policy = setup.policy().get();
        ScheduleAction action =
                SchedulePlan.next(policy, states, hasFull(policy, states), seen.wanted(), now);
        if (seen.wanted() != null && SchedulePlan.isServed(states, seen.wanted())) {
            setup.store().served(seen.wantedRevision());
        }
        return switch (action) {
            case ScheduleAction.Wait wait -> {
                say(wait);
                yield between(now, wait.until());
            }
            case ScheduleAction.Run run -> consider(policy, seen, states, run, now);
        };
    }

    private void say(ScheduleAction.Wait wait) {
        if (!wait.why().equals(lastWhy)) {
            lastWhy = wait.why();
            LOG.infof("backup schedule waits until=%s why=\"%s\"", wait.until(), wait.why());
        }
    }

    private Duration between(Instant now, Instant until) {
        if (until.isAfter(now.plus(setup.poll()))) {
            return setup.poll();
        }
        Duration left = Duration.between(now, until);
        return left.isNegative() ? Duration.ZERO : left.plusMillis(1);
    }

    /** A repository that cannot be read is not taken for an empty one. */
    private boolean hasFull(SchedulePolicy policy, JobStates states) throws IOException {
        if (!hasFull && policy.enabled() && policy.firstFull()) {
            hasFull =
                    states.jobs().values().stream().anyMatch(job -> job.lastSuccess() != null)
                            || setup.fullBackups().exist();
            return hasFull;
        }
        return true;
    }

    private Duration consider(
            SchedulePolicy policy,
            ScheduleSnapshot seen,
            JobStates states,
            ScheduleAction.Run run,
            Instant now)
            throws InterruptedException, IOException {
        List<MemberName> order = Placement.order(view(), policy.place());
        int rank = order.indexOf(setup.self());
        if (rank < 0) {
            return setup.poll();
        }
        Instant turn = run.due().isBefore(Instant.EPOCH) ? now : run.due();
        Instant mine = turn.plus(setup.yield().multipliedBy(rank));
        if (now.isBefore(mine)) {
            return between(now, mine);
        }
        execute(policy, seen, states, run, now);
        return Duration.ZERO;
    }

    private ClusterView view() throws InterruptedException, IOException {
        try {
            return setup.view().call();
        } catch (InterruptedException | IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw DcsException.of(e);
        }
    }

    private void execute(
            SchedulePolicy policy,
            ScheduleSnapshot seen,
            JobStates states,
            ScheduleAction.Run run,
            Instant now)
            throws InterruptedException {
        String self = setup.self().value();
        JobState begun = states.of(run.type()).begin(run.slot(), run.attempt(), now, self);
        JobStates during = states.with(run.type(), begun);
        Optional<BackupLease> taken =
                BackupLease.take(
                        setup.store(),
                        seen,
                        self,
                        run.type(),
                        run.slot(),
                        now,
                        during,
                        setup.leaseTtl(),
                        setup.nanos(),
                        this::progress,
                        this::cancel);
        if (taken.isEmpty()) {
            return;
        }
        BackupLease lease = taken.get();
        LOG.infof(
                "backup starts type=%s slot=%s attempt=%d epoch=%d why=\"%s\"",
                run.type().text(), run.slot(), run.attempt(), lease.epoch(), run.why());
        lastWhy = "";
        @Nullable JobStates after = null;
        try {
            BackupRunner.Outcome outcome = runChild(policy, run, lease);
            if (closed && !outcome.isDone()) {
                LOG.infof("backup stopped, another member goes on epoch=%d", lease.epoch());
            } else {
                Instant end = setup.clock().instant();
                JobState result =
                        outcome.isDone()
                                ? begun.done(end, outcome.text())
                                : begun.failed(end, outcome.text());
                after = during.with(run.type(), result);
                log(run, outcome, lease);
            }
        } finally {
            running.set(null);
            // Interrupted or not, the others need not wait for the lease's end.
            boolean interrupted = Thread.interrupted();
            if (!lease.release(after)) {
                LOG.warnf("backup lease was lost before the end epoch=%d", lease.epoch());
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private BackupRunner.Outcome runChild(
            SchedulePolicy policy, ScheduleAction.Run run, BackupLease lease)
            throws InterruptedException {
        try {
            BackupRunner.Run child =
                    setup.runner().start(run.type(), lease.epoch(), policy.maxRunTime());
            running.set(child);
            if (closed || !lease.isHeld()) {
                child.cancel();
            }
            return child.await();
        } catch (IOException e) {
            return new BackupRunner.Outcome(false, "cannot start: " + e.getMessage());
        }
    }

    private static void log(
            ScheduleAction.Run run, BackupRunner.Outcome outcome, BackupLease lease) {
        if (outcome.isDone()) {
            LOG.infof(
                    "backup done type=%s slot=%s epoch=%d label=%s",
                    run.type().text(), run.slot(), lease.epoch(), outcome.text());
        } else {
            LOG.errorf(
                    "backup failed type=%s slot=%s attempt=%d epoch=%d why=\"%s\"",
                    run.type().text(), run.slot(), run.attempt(), lease.epoch(), outcome.text());
        }
    }

    private BackupLease.Progress progress() {
        BackupRunner.Run child = running.get();
        return child == null ? BackupLease.Progress.NONE : child.progress();
    }

    private void cancel() {
        BackupRunner.Run child = running.get();
        if (child != null) {
            child.cancel();
        }
    }

    /** Ends a running backup, and waits for it. */
    @Override
    public void close() {
        closed = true;
        wake();
        cancel();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
