package io.pgnode.cli;

import io.pgnode.backup.archive.ArchiveSettings;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.cli.backup.BackupSettings;
import io.pgnode.config.ConfigLoader;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.Identity;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.Problem;
import io.pgnode.model.MemberName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The repositories that a node's configuration names. Blocking. */
record BackupNode(Path file, PgnodeConfig config, BackupSettings settings) {
    /** What to do with an open repository. */
    interface Work<T extends @Nullable Object> {
        T with(Repository repository) throws BackupException;
    }

    /**
     * @throws CliException when the configuration is wrong, or names no repository
     */
    static BackupNode load(Path file, Map<String, String> environment) {
        PgnodeConfig config;
        try {
            config = NodeConfiguration.load(file, environment).config();
        } catch (ConfigProblems e) {
            throw NodeFile.notStarted(e);
        }
        BackupSettings settings = new BackupSettings(config);
        if (!settings.isConfigured() && !settings.hasSource()) {
            throw none(file);
        }
        return new BackupNode(file, config, settings);
    }

    private static CliException none(Path file) {
        return new CliException(
                ExitCode.USAGE,
                "no repository is configured in " + file,
                "add backup.repositories.1, or take pgBackRest's configuration over with"
                        + " pgnode backup adopt");
    }

    /** For the commands that PostgreSQL runs. */
    static ArchiveSettings archiveSettings(Path file, boolean ofSource) throws BackupException {
        try {
            BackupSettings settings =
                    new BackupSettings(ConfigLoader.load(file, System.getenv()).config());
            return ofSource ? settings.sourceArchive() : settings.archive();
        } catch (ConfigProblems e) {
            throw new BackupException(
                    BackrestExit.CONFIG,
                    e.problems().stream().map(Problem::toString).collect(Collectors.joining("; ")));
        } catch (IOException | IllegalArgumentException e) {
            throw new BackupException(BackrestExit.CONFIG, String.valueOf(e.getMessage()), null, e);
        }
    }

    MemberName member() {
        return Identity.of(config).name();
    }

    /**
     * All repositories, or the one that is asked for.
     *
     * @param number null for all
     */
    List<RepositorySettings> repositories(@Nullable Integer number) throws IOException {
        List<RepositorySettings> all = settings.repositories();
        if (all.isEmpty()) {
            throw none(file); // there is only one to begin with
        }
        if (number == null) {
            return all;
        }
        List<RepositorySettings> found =
                all.stream().filter(repository -> repository.key() == number).toList();
        if (found.isEmpty()) {
            throw new CliException(
                    ExitCode.USAGE,
                    "there is no repository " + number,
                    "there are "
                            + all.stream()
                                    .map(repository -> String.valueOf(repository.key()))
                                    .collect(Collectors.joining(", ")));
        }
        return found;
    }

    /** Opens a repository for as long as the work takes. */
    static <T extends @Nullable Object> T with(RepositorySettings settings, Work<T> work)
            throws BackupException {
        try (Repository repository = Repository.open(settings)) {
            return work.with(repository);
        }
    }
}
