package io.pgnode.cli;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.repo.StanzaSetup;
import io.pgnode.postgres.PostgresException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Makes the stanza in each repository once this member leads. One thread of its own. */
final class StanzaKeeper implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(StanzaKeeper.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private final Supplier<BackupNode> node;
    private final BooleanSupplier leads;
    private final Thread thread;

    // Confined to the thread.
    private final Set<Integer> done = new HashSet<>();
    private final Map<Integer, String> problems = new HashMap<>();

    private StanzaKeeper(Supplier<BackupNode> node, BooleanSupplier leads) {
        this.node = node;
        this.leads = leads;
        this.thread = Thread.ofVirtual().name("stanza-keeper").unstarted(this::run);
    }

    static StanzaKeeper start(Supplier<BackupNode> node, BooleanSupplier leads) {
        StanzaKeeper keeper = new StanzaKeeper(node, leads);
        keeper.thread.start();
        return keeper;
    }

    private void run() {
        try {
            while (true) {
                if (leads.getAsBoolean()) {
                    makeAll();
                }
                Thread.sleep(INTERVAL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void makeAll() {
        BackupNode now = node.get();
        try {
            for (RepositorySettings each : now.settings().repositories()) {
                if (!done.contains(each.key())) {
                    make(now, each);
                }
            }
        } catch (IOException e) {
            problem(0, String.valueOf(e.getMessage()));
        }
    }

    private void make(BackupNode now, RepositorySettings settings) throws IOException {
        try (Repository repository = Repository.open(settings)) {
            StanzaSetup.Result result =
                    StanzaSetup.create(
                            repository, BackupJob.identity(now.settings().localDatabase()));
            done.add(settings.key());
            if (result == StanzaSetup.Result.CREATED) {
                LOG.infof("stanza created stanza=%s repo=%d", settings.stanza(), settings.key());
            }
        } catch (BackupException | PostgresException e) {
            problem(settings.key(), String.valueOf(e.getMessage()));
        }
    }

    private void problem(int repository, String why) {
        if (!Objects.equals(problems.put(repository, why), why)) {
            LOG.warnf("stanza not ready repo=%d why=\"%s\"", repository, why);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
