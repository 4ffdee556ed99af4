package io.pgnode.cli;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.repo.Identity;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.repo.StanzaSetup;
import io.pgnode.config.Durations;
import io.pgnode.postgres.BackupSession;
import io.pgnode.postgres.DatabaseFacts;
import io.pgnode.postgres.PostgresException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Check that backups can be made: repositories, stanza, and on the primary that WAL",
            "comes into every repository. On a standby the last is left to the primary."
        })
final class BackupCheckCommand extends BackupNodeCommand.OfRepository {
    private static final Duration CONNECT = Duration.ofSeconds(30);
    private static final long LOOK_MILLIS = 200;

    @Option(
            names = "--archive-timeout",
            paramLabel = "TIME",
            defaultValue = "60s",
            description = "How long to wait for the WAL (default: ${DEFAULT-VALUE}).")
    String timeout = "60s";

    @Override
    ExitCode run(Console console, BackupNode node) throws Exception {
        Duration limit = Durations.parse(timeout);
        List<Repository> open = new ArrayList<>();
        try (BackupSession session = BackupSession.open(node.settings().localDatabase(), CONNECT)) {
            DatabaseFacts facts = session.facts();
            Identity identity = BackupJob.identity(facts);
            for (RepositorySettings each : node.repositories(repository)) {
                Repository repository = Repository.open(each);
                open.add(repository);
                check(repository, identity);
                console.println(
                        "repo%d: stanza %s is this cluster's".formatted(each.key(), each.stanza()));
            }
            if (facts.isInRecovery()) {
                console.println(
                        "this is a standby: run the check on the primary to see WAL arrive");
                return ExitCode.OK;
            }
            if (facts.archiveMode().equals("off")) {
                throw new BackupException(
                        BackrestExit.ARCHIVE_DISABLED,
                        "archive_mode is off in the running server",
                        "pgnode sets it when there are repositories: restart PostgreSQL with"
                                + " pgnode restart, unless a configuration says off");
            }
            await(console, session, open, limit);
            return ExitCode.OK;
        } finally {
            open.forEach(Repository::close);
        }
    }

    private static void check(Repository repository, Identity identity) throws BackupException {
        try {
            StanzaSetup.check(repository, identity);
        } catch (BackupException e) {
            if (e.exit() != BackrestExit.FILE_MISSING) {
                throw e;
            }
            throw new BackupException(
                    e.exit(),
                    "%s has no stanza %s".formatted(repository.describe(), repository.stanza()),
                    "the archiver makes it once this node leads; by hand: pgnode backup"
                            + " stanza-create",
                    e);
        }
    }

    private static void await(
            Console console, BackupSession session, List<Repository> repositories, Duration limit)
            throws BackupException, PostgresException, InterruptedException {
        DatabaseFacts.ArchiverState before = session.archiver();
        WalFile segment = WalFile.parse(session.switchWal("pgnode check"));
        long end = System.nanoTime() + limit.toNanos();
        List<Repository> missing = new ArrayList<>(repositories);
        while (true) {
            for (Repository each : List.copyOf(missing)) {
                if (each.archive().find(segment).isPresent()) {
                    console.println("repo%d: has WAL %s".formatted(each.key(), segment.name()));
                    missing.remove(each);
                }
            }
            if (missing.isEmpty()) {
                return;
            }
            if (System.nanoTime() - end > 0) {
                throw timedOut(segment, missing, before, session.archiver(), limit);
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private static BackupException timedOut(
            WalFile segment,
            List<Repository> missing,
            DatabaseFacts.ArchiverState before,
            DatabaseFacts.ArchiverState now,
            Duration limit) {
        String where = String.join(", ", missing.stream().map(Repository::describe).toList());
        String why =
                now.isFailing()
                        ? now.failure()
                        : now.archived() == before.archived()
                                ? "PostgreSQL has archived nothing meanwhile"
                                : "PostgreSQL has archived "
                                        + (now.archived() - before.archived())
                                        + " files meanwhile, the last is "
                                        + now.lastArchived();
        return new BackupException(
                BackrestExit.ARCHIVE_TIMEOUT,
                "WAL %s is not in %s after %s: %s"
                        .formatted(segment.name(), where, Durations.print(limit), why),
                "the log of PostgreSQL has what archive_command says; SHOW archive_command must"
                        + " be pgnode archive-push");
    }
}
