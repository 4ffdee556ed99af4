package io.pgnode.cli;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.repo.Identity;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.repo.StanzaSetup;
import picocli.CommandLine.Command;

/** Makes or upgrades the stanza for the cluster of this node. */
abstract class BackupStanzaCommand extends BackupNodeCommand.OfRepository {
    @Command(
            name = "stanza-create",
            mixinStandardHelpOptions = true,
            description = {
                "Prepare the repositories for this cluster; done already is done.",
                "The archiver does so by itself when this node leads."
            })
    static final class Create extends BackupStanzaCommand {
        @Override
        StanzaSetup.Result set(Repository repository, Identity identity) throws BackupException {
            return StanzaSetup.create(repository, identity);
        }
    }

    @Command(
            name = "stanza-upgrade",
            mixinStandardHelpOptions = true,
            description = {
                "Tell the repositories that the cluster has another major version or identifier,",
                "after pg_upgrade. Its earlier backups stay."
            })
    static final class Upgrade extends BackupStanzaCommand {
        @Override
        StanzaSetup.Result set(Repository repository, Identity identity) throws BackupException {
            return StanzaSetup.upgrade(repository, identity);
        }
    }

    @Override
    final ExitCode run(Console console, BackupNode node) throws Exception {
        Identity identity = BackupJob.identity(node.settings().localDatabase());
        for (RepositorySettings each : node.repositories(repository)) {
            StanzaSetup.Result result = BackupNode.with(each, open -> set(open, identity));
            console.println(
                    "repo%d: stanza %s %s"
                            .formatted(
                                    each.key(),
                                    each.stanza(),
                                    switch (result) {
                                        case CREATED -> "created";
                                        case ALREADY_THERE -> "is there already";
                                        case UPGRADED -> "upgraded";
                                    }));
        }
        return ExitCode.OK;
    }

    abstract StanzaSetup.Result set(Repository repository, Identity identity)
            throws BackupException;
}
