package io.pgnode.backup.schedule;

import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.schedule.BackupHooks.Event;
import io.pgnode.os.Command;
import io.pgnode.os.CommandResult;
import io.pgnode.os.RunningCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Backups with the programs around them that the operator wants. What these print is logged. */
public final class HookedBackups implements BackupRunner {
    private static final Logger LOG = Logger.getLogger(HookedBackups.class);

    /** Of a program after a backup that was stopped: this process ends, or its lease has. */
    private static final Duration STOPPED_LIMIT = Duration.ofSeconds(5);

    private static final int MAX_LINES = 100;
    private static final int MAX_LINE = 500;

    private final BackupRunner inner;
    private final Supplier<BackupHooks> hooks;
    private final Map<String, String> environment;

    /**
     * @param hooks asked at the start of each backup
     * @param environment of this process, which the programs inherit but for its secrets
     */
    public HookedBackups(
            BackupRunner inner, Supplier<BackupHooks> hooks, Map<String, String> environment) {
        this.inner = inner;
        this.hooks = hooks;
        this.environment = Map.copyOf(environment);
    }

    @Override
    public Run start(BackupType type, long epoch, Duration maxRunTime) throws IOException {
        BackupHooks now = hooks.get();
        return now.isEmpty()
                ? inner.start(type, epoch, maxRunTime)
                : new HookedRun(now, type, epoch, maxRunTime);
    }

    /** Begins with {@link #await}, on whose thread all of it runs. */
    private final class HookedRun implements Run {
        private final BackupHooks hooks;
        private final BackupType type;
        private final long epoch;
        private final Duration maxRunTime;

        // Under the monitor: what a cancellation has to end.
        private boolean isCancelled;
        private @Nullable RunningCommand program;
        private volatile @Nullable Run backup;

        HookedRun(BackupHooks hooks, BackupType type, long epoch, Duration maxRunTime) {
            this.hooks = hooks;
            this.type = type;
            this.epoch = epoch;
            this.maxRunTime = maxRunTime;
        }

        @Override
        public Outcome await() throws InterruptedException {
            String problem = run(Event.BEFORE, "", "", "");
            Outcome outcome =
                    problem.isEmpty() || isCancelled()
                            ? backUp()
                            : new Outcome(false, "no backup was made: " + problem);
            if (outcome.isDone()) {
                warn(run(Event.AFTER, "done", outcome.text(), ""));
            } else {
                String result = isCancelled() ? "stopped" : "failed";
                warn(run(Event.ON_FAILURE, result, "", outcome.text()));
            }
            return outcome;
        }

        private Outcome backUp() throws InterruptedException {
            Run started;
            synchronized (this) {
                if (isCancelled) {
                    return new Outcome(false, "stopped");
                }
                try {
                    started = inner.start(type, epoch, maxRunTime);
                } catch (IOException e) {
                    return new Outcome(false, "cannot start: " + e.getMessage());
                }
                backup = started;
            }
            return started.await();
        }

        /** Why it failed; empty when it did not. */
        private String run(Event event, String result, String label, String error)
                throws InterruptedException {
            if (hooks.words(event).isEmpty()) {
                return "";
            }
            boolean isLate = isCancelled();
            Duration limit =
                    isLate && hooks.limit().compareTo(STOPPED_LIMIT) > 0
                            ? STOPPED_LIMIT
                            : hooks.limit();
            AtomicInteger lines = new AtomicInteger();
            Command command =
                    hooks.command(event, type, epoch, result, label, error, environment)
                            .deadline(limit)
                            .onOutLine(line -> log(event, line, lines))
                            .onErrLine(line -> log(event, line, lines));
            try {
                RunningCommand started;
                synchronized (this) {
                    if (isCancelled && !isLate) {
                        return "stopped";
                    }
                    started = command.start();
                    program = isLate ? null : started;
                }
                CommandResult ended = started.await();
                LOG.infof(
                        "backup hook ended hook=%s type=%s epoch=%d exit=%d seconds=%d",
                        event.text(),
                        type.text(),
                        epoch,
                        ended.exitCode(),
                        ended.elapsed().toSeconds());
                return ended.isSuccess()
                        ? ""
                        : "hook %s, %s: %s"
                                .formatted(
                                        event.text(),
                                        hooks.words(event).getFirst(),
                                        ended.explain());
            } catch (IOException e) {
                return "hook %s cannot be started: %s".formatted(event.text(), e.getMessage());
            } finally {
                synchronized (this) {
                    program = null;
                }
            }
        }

        private void log(Event event, String line, AtomicInteger lines) {
            int number = lines.incrementAndGet();
            if (number <= MAX_LINES) {
                String text = line.length() <= MAX_LINE ? line : line.substring(0, MAX_LINE) + "…";
                LOG.infof("backup hook says hook=%s text=\"%s\"", event.text(), text);
            } else if (number == MAX_LINES + 1) {
                LOG.infof("backup hook says more, not logged hook=%s", event.text());
            }
        }

        private static void warn(String problem) {
            if (!problem.isEmpty()) {
                LOG.warnf("backup hook failed why=\"%s\"", problem);
            }
        }

        private synchronized boolean isCancelled() {
            return isCancelled;
        }

        @Override
        public void cancel() {
            Run started;
            synchronized (this) {
                isCancelled = true;
                if (program != null) {
                    program.cancel();
                }
                started = backup;
            }
            if (started != null) {
                started.cancel();
            }
        }

        @Override
        public BackupLease.Progress progress() {
            Run started = backup;
            return started == null ? BackupLease.Progress.NONE : started.progress();
        }
    }
}
