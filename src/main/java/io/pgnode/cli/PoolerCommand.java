package io.pgnode.cli;

import io.pgnode.Pgnode;
import io.pgnode.gateway.pooler.StandalonePooler;
import io.pgnode.gateway.pooler.ini.IniProblem;
import io.pgnode.gateway.pooler.ini.PoolerIni;
import io.pgnode.gateway.pooler.ini.PoolerIniReader;
import io.pgnode.net.EventLoops;
import io.pgnode.os.Detached;
import io.pgnode.os.LogOutput;
import io.pgnode.os.Privileges;
import io.pgnode.os.SystemdNotify;
import io.pgnode.os.User;
import io.pgnode.supervisor.ChildCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pgnode pooler}: PgBouncer's options, files and signals. */
@Command(
        name = "pooler",
        version = "pgnode " + Pgnode.VERSION + " (as PgBouncer 1.25)",
        description = {
            "Runs the pooler alone, from PgBouncer's files.",
            "SIGHUP reloads them. SIGTERM waits for the clients to leave, SIGINT for the",
            "servers to be released; a second one, or SIGQUIT, ends at once. SIGUSR1",
            "pauses, SIGUSR2 resumes."
        })
final class PoolerCommand implements Callable<Integer> {
    private static final Logger LOG = Logger.getLogger(PoolerCommand.class);
    private static final Duration TAKE_OVER_LIMIT = Duration.ofSeconds(30);

    @Parameters(paramLabel = "FILE.ini", description = "pgbouncer.ini, as it is.")
    private Path file = Path.of("/etc/pgbouncer/pgbouncer.ini");

    @Option(
            names = {"-d", "--daemon"},
            description = "Run in the background; needs logfile.")
    private boolean daemon;

    @Option(
            names = {"-q", "--quiet"},
            description = "Log to the logfile only.")
    private boolean quiet;

    @Option(
            names = {"-v", "--verbose"},
            description = "Log more.")
    private boolean[] verbose = {};

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER",
            description = "Become this user (only as root).")
    private @Nullable String user;

    @Option(
            names = {"-R", "--reboot"},
            description = {
                "Take the listeners of the pooler that runs: no client is refused, and",
                "it ends when its own have left. One that cannot hand them over is stopped."
            })
    private boolean reboot;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    boolean version;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;

    @Option(
            names = "--loops",
            paramLabel = "N",
            description = "Event loops (default: one for two cores).")
    private int loops;

    @Override
    public Integer call() throws InterruptedException, IOException {
        try {
            PoolerIni ini = PoolerIniReader.read(file);
            return daemon ? detach(ini) : run(ini);
        } catch (PoolerIni.Wrong e) {
            return wrong(e.problems());
        } catch (StandalonePooler.BadFiles e) {
            return wrong(e.problems());
        } catch (IOException e) {
            throw new CliException(ExitCode.FAILED, String.valueOf(e.getMessage()), "", e);
        }
    }

    private static int wrong(List<IniProblem> problems) {
        throw new CliException(
                ExitCode.USAGE,
                problems.stream().map(IniProblem::toString).collect(Collectors.joining("\n")),
                "");
    }

    /** Starts this program once more, in a session of its own. */
    private int detach(PoolerIni ini) throws IOException {
        if (ini.logged().file().isEmpty()) {
            throw new CliException(
                    ExitCode.USAGE,
                    "-d needs a log file",
                    "set logfile in section [pgbouncer] of " + file);
        }
        if (ini.listening().pidFile().isEmpty()) {
            throw new CliException(
                    ExitCode.USAGE,
                    "-d needs a pidfile",
                    "set pidfile in section [pgbouncer] of " + file);
        }
        List<String> arguments = new ArrayList<>(ChildCommand.self().prefix());
        arguments.addAll(List.of("pooler", "-q"));
        if (reboot) {
            arguments.add("-R");
        }
        for (boolean _ : verbose) {
            arguments.add("-v");
        }
        if (user != null) {
            arguments.addAll(List.of("-u", user));
        }
        if (loops > 0) {
            arguments.addAll(List.of("--loops", Integer.toString(loops)));
        }
        arguments.add(file.toAbsolutePath().toString());
        Detached.start(arguments, Map.of(), Path.of(ini.logged().file()));
        return 0;
    }

    private int run(PoolerIni ini)
            throws IOException, StandalonePooler.BadFiles, InterruptedException {
        become(ini);
        openLog(ini);
        PoolerPidFile pidFile = new PoolerPidFile(ini.listening().pidFile());
        boolean takesOver = reboot && StandalonePooler.canTakeOver(ini);
        if (!takesOver) {
            pidFile.claim(reboot ? TAKE_OVER_LIMIT : Duration.ZERO);
        }
        int count =
                loops > 0 ? loops : EventLoops.usual(Runtime.getRuntime().availableProcessors());
        try (StandalonePooler pooler =
                StandalonePooler.start(file, count, new SecureRandom(), takesOver)) {
            if (takesOver) {
                pidFile.write();
            }
            SystemdNotify systemd = SystemdNotify.fromEnvironment();
            new PoolerSignals(pooler, () -> reload(pooler)).receive();
            LOG.infof("process up: pgnode %s", Pgnode.VERSION);
            systemd.ready();
            do {
                pooler.refreshNames();
            } while (!pooler.awaitEnd(
                    Duration.ofMillis(Math.max(1000, pooler.ini().health().dnsLife().toMillis()))));
            LOG.infof("shutting down");
            return 0;
        } finally {
            pidFile.release();
        }
    }

    private void become(PoolerIni ini) throws IOException, InterruptedException {
        String name = user == null ? ini.listening().runAs() : user;
        if (!Privileges.isRoot()) {
            return;
        }
        if (name.isEmpty()) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "the pooler should not run as root",
                    "name a user with -u, or with user in section [pgbouncer]");
        }
        User account =
                User.lookup(name)
                        .orElseThrow(
                                () ->
                                        new CliException(
                                                ExitCode.USAGE, "no such user: " + name, ""));
        Privileges.dropTo(account);
    }

    private void openLog(PoolerIni ini) throws IOException {
        String log = ini.logged().file();
        boolean isDebug = verbose.length > 0 || ini.logged().verbosity() > 0;
        java.util.logging.Logger.getLogger("io.pgnode")
                .setLevel(quiet && log.isEmpty() ? Level.OFF : isDebug ? Level.FINE : Level.INFO);
        if (!log.isEmpty()) {
            LogOutput.use(false, Path.of(log));
        }
    }

    private void reload(StandalonePooler pooler) {
        List<String> wrong = pooler.reload();
        if (!wrong.isEmpty()) {
            LOG.errorf(
                    "the files are wrong, everything stays as it was:\n%s",
                    String.join("\n", wrong));
            return;
        }
        try {
            openLog(pooler.ini());
        } catch (IOException e) {
            LOG.errorf("cannot open logfile: %s", e.getMessage());
        }
    }
}
