package io.pgnode.agent;

import io.pgnode.config.ConfigProblems;
import io.pgnode.config.ConfigReload;
import io.pgnode.config.LoadedConfig;
import io.pgnode.config.Problem;
import io.pgnode.postgres.PostgresException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * This member's own configuration while the agent runs: what it started with, and the {@link
 * LocalSettings} in force, which every part reads at the moment of use.
 *
 * <p>A reload is checked as a whole, and taken over as a whole or not at all. Thread-safe.
 */
final class LocalConfiguration {
    private static final Logger LOG = Logger.getLogger(LocalConfiguration.class);

    /** A part finds the configuration wrong, for all that is listed. */
    static final class Refused extends IOException {
        Refused(String why) {
            super(why);
        }
    }

    /** A part that must be told of new settings; a failure refuses them. Blocks. */
    interface Part {
        void use(LocalSettings settings)
                throws IOException, PostgresException, InterruptedException;
    }

    private final Path file;
    private final Map<String, String> environment;
    private final LoadedConfig started;
    private final List<Part> parts = new CopyOnWriteArrayList<>();
    private final ReentrantLock reloading = new ReentrantLock();
    private LoadedConfig running;
    private volatile LocalSettings settings;

    /** Without repositories. Blocking: reads password files. */
    LocalConfiguration(Path file, Map<String, String> environment, LoadedConfig started)
            throws IOException, PostgresException {
        this(file, environment, started, BackupCommands.NONE);
    }

    /** Blocking: reads password files. */
    LocalConfiguration(
            Path file, Map<String, String> environment, LoadedConfig started, BackupCommands backup)
            throws IOException, PostgresException {
        this.file = file;
        this.environment = Map.copyOf(environment);
        this.started = started;
        this.running = started;
        this.settings = LocalSettings.of(started.config(), backup);
    }

    /** The settings in force. */
    LocalSettings settings() {
        return settings;
    }

    /** In the order of these calls; what can fail comes first. */
    void onReload(Part part) {
        parts.add(part);
    }

    /** Reads file, environment and password files again. Blocks. */
    Operations.Result reload() {
        reloading.lock();
        try {
            ConfigReload reload = ConfigReload.read(running, file, environment);
            LoadedConfig candidate = reload.candidate();
            LocalSettings next = settings.reloaded(started.config(), candidate.config());
            for (Part part : parts) {
                part.use(next);
            }
            settings = next;
            running = candidate;
            reload.changes().forEach(change -> LOG.infof("reloaded %s", change));
            List<String> needRestart = ConfigReload.between(started, candidate).needRestart();
            return new Operations.Result(
                    202,
                    needRestart.isEmpty()
                            ? "reload scheduled"
                            : "reload scheduled\nrestart pgnode for "
                                    + String.join(", ", needRestart));
        } catch (ConfigProblems e) {
            return new Operations.Result(
                    400,
                    "the configuration is wrong, the old one goes on:\n"
                            + e.problems().stream()
                                    .map(Problem::toString)
                                    .collect(Collectors.joining("\n")));
        } catch (Refused e) {
            return new Operations.Result(
                    400, "the configuration is wrong, the old one goes on:\n" + e.getMessage());
        } catch (IOException | PostgresException | PostgresProblem | CompletionException e) {
            return new Operations.Result(503, "reload failed: " + Loop.message(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Operations.Result(503, "interrupted");
        } finally {
            reloading.unlock();
        }
    }
}
