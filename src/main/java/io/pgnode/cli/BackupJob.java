package io.pgnode.cli;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.engine.BackupEngine;
import io.pgnode.backup.engine.BackupRequest;
import io.pgnode.backup.engine.BackupResult;
import io.pgnode.backup.engine.Progress;
import io.pgnode.backup.engine.StopRequest;
import io.pgnode.backup.repo.Identity;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.repo.StanzaSetup;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.model.HostPort;
import io.pgnode.postgres.BackupSession;
import io.pgnode.postgres.DatabaseAddress;
import io.pgnode.postgres.DatabaseFacts;
import io.pgnode.postgres.PostgresException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A backup of this node's server, into one repository after the other. Blocking. */
final class BackupJob {
    private static final Duration CONNECT = Duration.ofSeconds(30);

    private final BackupNode node;
    private final DatabaseAddress database;
    private final @Nullable DatabaseAddress primary;
    private final StopRequest stop;

    private BackupJob(
            BackupNode node,
            DatabaseAddress database,
            @Nullable DatabaseAddress primary,
            StopRequest stop) {
        this.node = node;
        this.database = database;
        this.primary = primary;
        this.stop = stop;
    }

    /**
     * @param view who leads: that server begins and ends the backup
     */
    static BackupJob of(BackupNode node, ClusterView view, StopRequest stop) throws IOException {
        Member leader = view.leaderMember();
        HostPort address = leader == null ? null : leader.postgres();
        if (leader == null || address == null) {
            throw new CliException(
                    ExitCode.UNAVAILABLE,
                    "the cluster has no leader, whose server begins and ends a backup",
                    "pgnode list tells the members' states");
        }
        return new BackupJob(
                node,
                node.settings().localDatabase(),
                leader.name().equals(node.member())
                        ? null
                        : node.settings().remoteDatabase(address),
                stop);
    }

    /**
     * Without the DCS: of the local server alone, and nobody else is told. The server itself and
     * pgBackRest's lock files still let one backup run at a time.
     *
     * @param primary begins and ends the backup of a standby; null when the local server is a
     *     primary
     */
    static BackupJob alone(BackupNode node, @Nullable HostPort primary, StopRequest stop)
            throws IOException, PostgresException {
        DatabaseAddress local = node.settings().localDatabase();
        if (primary == null && facts(local).isInRecovery()) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "the local server is a standby, and without the DCS nobody tells who leads",
                    "give the primary with --primary HOST, or run the command there");
        }
        return new BackupJob(
                node,
                local,
                primary == null ? null : node.settings().remoteDatabase(primary),
                stop);
    }

    /**
     * @param isFast whether the checkpoint is done at once
     */
    BackupResult run(
            BackupType type,
            RepositorySettings repository,
            boolean isFast,
            Map<String, String> annotation,
            Progress progress)
            throws BackupException, PostgresException {
        try (Repository open = Repository.open(repository)) {
            stanza(open);
            BackupRequest request =
                    new BackupRequest(
                            type,
                            repository,
                            database,
                            primary,
                            node.config().backup().lockPath(),
                            node.settings().options(repository.key(), isFast, annotation));
            return new BackupEngine(InstantSource.system(), System::nanoTime, stop)
                    .run(request, open, progress);
        }
    }

    /** Made where there is none; that of another cluster is refused. */
    private void stanza(Repository repository) throws BackupException, PostgresException {
        StanzaSetup.create(repository, identity(primary == null ? database : primary));
    }

    static Identity identity(DatabaseAddress address) throws PostgresException {
        return identity(facts(address));
    }

    private static DatabaseFacts facts(DatabaseAddress address) throws PostgresException {
        try (BackupSession session = BackupSession.open(address, CONNECT)) {
            return session.facts();
        }
    }

    static Identity identity(DatabaseFacts facts) {
        return new Identity(
                facts.systemId(), facts.version(), facts.catalogVersion(), facts.controlVersion());
    }
}
