package io.pgnode.cli;

import io.pgnode.agent.Logging;
import io.pgnode.backup.archive.Archiver;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.schedule.HookedBackups;
import io.pgnode.backup.schedule.ScheduleStore;
import io.pgnode.backup.schedule.Scheduler;
import io.pgnode.backup.schedule.core.SchedulePolicy;
import io.pgnode.cluster.ClusterView;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.dcs.Dcs;
import io.pgnode.dcs.DcsException;
import io.pgnode.guard.RunFiles;
import io.pgnode.os.Signal;
import io.pgnode.os.SignalHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.jboss.logging.Logger;

/** An archiver from its start to its end. */
final class ArchiverProcess {
    private static final Logger LOG = Logger.getLogger(ArchiverProcess.class);

    private final RunFiles files;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile BackupNode node;
    private volatile SchedulePolicy policy;

    ArchiverProcess(BackupNode node, RunFiles files) {
        this.node = node;
        this.files = files;
        this.policy = node.settings().schedule();
    }

    /** Until a signal. */
    int run() throws Exception {
        Duration timeout = node.config().dcs().timeout();
        String cluster = node.config().cluster().orElseThrow();
        String namespace = node.config().namespace();
        try (AgentFeed feed = new AgentFeed(files.agentSocket());
                Dcs dcs = DcsClients.open(node.config())) {
            ViewGuard guard = new ViewGuard(node.member());
            feed.subscribe(guard::receive);
            ClusterStore store = new ClusterStore(dcs, namespace, cluster, timeout);
            try (Archiver archiver = Archiver.start(node.settings().archive(), guard);
                    StanzaKeeper _ = StanzaKeeper.start(() -> node, guard::leads);
                    Scheduler scheduler =
                            Scheduler.start(
                                    new Scheduler.Setup(
                                            node.member(),
                                            () -> policy,
                                            new ScheduleStore(dcs, namespace, cluster, timeout),
                                            () -> view(store),
                                            this::hasFullBackups,
                                            new HookedBackups(
                                                    new ChildBackups(node.file()),
                                                    () -> node.settings().hooks(),
                                                    System.getenv())))) {
                SignalHandler.on(Signal.HUP, () -> reload(archiver, scheduler));
                SignalHandler.on(Signal.TERM, stopped::countDown);
                SignalHandler.on(Signal.INT, stopped::countDown);
                stopped.await();
                LOG.info("the archiver ends");
            }
        }
        return 0;
    }

    private static ClusterView view(ClusterStore store) throws InterruptedException {
        try {
            return store.read().get(); // the store ends every call by its timeout
        } catch (ExecutionException e) {
            throw DcsException.of(e);
        }
    }

    /** Whether every repository has one. */
    private boolean hasFullBackups() throws IOException {
        for (RepositorySettings each : node.settings().repositories()) {
            try (Repository repository = Repository.open(each)) {
                boolean hasFull =
                        repository.backups().info().backups().stream()
                                .anyMatch(backup -> backup.type() == BackupType.FULL);
                if (!hasFull) {
                    return false;
                }
            } catch (BackupException e) {
                if (e.exit() == BackrestExit.FILE_MISSING) {
                    return false;
                }
                throw new IOException(e.getMessage(), e);
            }
        }
        return true;
    }

    /** A wrong file changes nothing; the agent says what is wrong with it. */
    private void reload(Archiver archiver, Scheduler scheduler) {
        try {
            BackupNode newer = BackupNode.load(node.file(), System.getenv());
            Logging.apply(newer.config().log());
            archiver.reload(newer.settings().archive());
            policy = newer.settings().schedule();
            node = newer;
            scheduler.wake();
        } catch (CliException | BackupException | IOException e) {
            LOG.warnf("the archiver goes on as it was why=\"%s\"", e.getMessage());
        }
    }
}
