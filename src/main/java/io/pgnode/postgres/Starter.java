package io.pgnode.postgres;

import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.postgres.core.ControlData;
import io.pgnode.postgres.core.PidFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Starts the server, as a primary or as a standby, and waits until it accepts connections. */
final class Starter {
    private static final long POLL_MILLIS = 5;

    private final PostgresSettings settings;
    private final DataDirectory data;
    private final Configuration configuration;
    private final ConfigFiles files;
    private final PassFile passFile;
    private final Postmaster postmaster;
    private final LongSupplier clock;

    Starter(
            PostgresSettings settings,
            DataDirectory data,
            Configuration configuration,
            ConfigFiles files,
            PassFile passFile,
            Postmaster postmaster,
            LongSupplier clock) {
        this.settings = settings;
        this.data = data;
        this.configuration = configuration;
        this.files = files;
        this.passFile = passFile;
        this.postmaster = postmaster;
        this.clock = clock;
    }

    StartResult start(boolean isStandby, @Nullable Upstream upstream, Duration limit)
            throws PostgresException {
        if (postmaster.find().isPresent()) {
            return new StartResult.Failed("a server already runs in " + data.path());
        }
        Optional<String> refusal = refusal(isStandby);
        if (refusal.isPresent()) {
            return new StartResult.Failed(refusal.get());
        }
        postmaster.killSurvivors();
        prepare(isStandby, upstream);
        return launch(command(), limit);
    }

    /** Starts what a bootstrap method made: with its recovery, if it has one, else as a primary. */
    StartResult startNew(PostgresSettings.BootstrapMethod method, Duration limit)
            throws PostgresException {
        if (postmaster.find().isPresent()) {
            return new StartResult.Failed("a server already runs in " + data.path());
        }
        postmaster.killSurvivors();
        ControlData control = ControlFile.read(data.path(), settings.binDir());
        passFile.write();
        configuration.upstream(null);
        configuration.recovery(method.recovers() ? method.recoverySettings() : null);
        configuration.write(method.recovers() ? control : null);
        if (!method.keepRecoverySettings()) {
            files.stripAutoConf();
        }
        data.setStandbySignal(false);
        List<String> command = command();
        if (method.recovers()) {
            data.setRecoverySignal();
            // The default is to pause at the target and wait for somebody.
            command.add("--recovery_target_action=promote");
        }
        return launch(command, limit);
    }

    private StartResult launch(List<String> command, Duration limit) throws PostgresException {
        ServerLog log = ServerLog.since(settings.logFile());
        Deadline deadline = Deadline.in(limit, clock);
        long begin = clock.getAsLong();
        ProcessIdentity started = postmaster.start(command, environment(), settings.logFile());
        boolean decided = deadline.await(() -> isReady(started) || !started.isAlive(), POLL_MILLIS);
        if (!started.isAlive()) {
            return new StartResult.Failed(log.explanation());
        }
        return decided
                ? new StartResult.Started(Duration.ofNanos(clock.getAsLong() - begin))
                : new StartResult.StillStarting(log.lastLine());
    }

    /** Waits for a server that is starting, such as an adopted one. */
    StartResult await(Duration limit) throws PostgresException {
        ServerLog log = ServerLog.since(settings.logFile());
        Deadline deadline = Deadline.in(limit, clock);
        long begin = clock.getAsLong();
        Optional<ProcessIdentity> found = postmaster.find();
        if (found.isEmpty()) {
            return new StartResult.Failed("no server runs in " + data.path());
        }
        ProcessIdentity running = found.get();
        boolean decided = deadline.await(() -> isReady(running) || !running.isAlive(), POLL_MILLIS);
        if (!running.isAlive()) {
            return new StartResult.Failed(log.explanation());
        }
        return decided
                ? new StartResult.Started(Duration.ofNanos(clock.getAsLong() - begin))
                : new StartResult.StillStarting(log.lastLine());
    }

    private Optional<String> refusal(boolean isStandby) {
        DataState state = data.state();
        return switch (state) {
            case VALID -> isStandby ? Optional.empty() : refusalAsPrimary();
            case EMPTY -> Optional.of("the data directory " + data.path() + " is empty");
            case UNFINISHED ->
                    Optional.of(
                            "the data directory "
                                    + data.path()
                                    + " is unusable: "
                                    + data.unfinishedWork()
                                    + " did not finish");
            case UNUSABLE ->
                    Optional.of(data.path() + " is not a PostgreSQL data directory, or unreadable");
        };
    }

    /**
     * A standby becomes a primary by promotion, on a timeline of its own; without one it would
     * write other WAL at positions that the cluster may already have used.
     */
    private Optional<String> refusalAsPrimary() {
        return data.isStandby()
                ? Optional.of(
                        data.path() + " was last a standby: it must start as one and be promoted")
                : Optional.empty();
    }

    private void prepare(boolean isStandby, @Nullable Upstream upstream) throws PostgresException {
        ControlData control = ControlFile.read(data.path(), settings.binDir());
        passFile.write();
        configuration.upstream(upstream);
        configuration.write(isStandby ? control : null);
        files.stripAutoConf();
        data.setStandbySignal(isStandby);
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(settings.binDir().resolve("postgres").toString());
        command.add("-D");
        command.add(data.path().toString());
        command.add("--config-file=" + files.postgresqlConf());
        command.addAll(configuration.current().arguments());
        return command;
    }

    /** An operator's libpq settings must not reach the server; its children may be killed first. */
    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        for (String name :
                List.of("PGPASSFILE", "PGPASSWORD", "PGHOST", "PGPORT", "PGUSER", "PGOPTIONS")) {
            environment.put(name, "");
        }
        // A pid file left by a crash may name a process that has nothing to do with it, maybe our
        // own: a server takes its grandparent's pid for stale, and we know that it is.
        data.pidFile()
                .filter(stale -> stale.pid() > 1)
                .ifPresent(
                        stale ->
                                environment.put("PG_GRANDPARENT_PID", String.valueOf(stale.pid())));
        environment.put("PG_OOM_ADJUST_FILE", "/proc/self/oom_score_adj");
        environment.put("PG_OOM_ADJUST_VALUE", "0");
        return environment;
    }

    private boolean isReady(ProcessIdentity process) {
        return data.pidFile()
                .filter(file -> file.pid() == process.pid())
                .filter(PidFile::isReady)
                .isPresent();
    }
}
