package io.pgnode.backup.engine;

import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.postgres.DatabaseAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A backup to be made.
 *
 * @param type made full when there is nothing to base another on
 * @param repository where it goes
 * @param database the server on this host whose files are read
 * @param primary where the backup is started and stopped when the database is a standby; null for a
 *     backup of a primary
 * @param lockDirectory pgBackRest's lock-path
 */
public record BackupRequest(
        BackupType type,
        RepositorySettings repository,
        DatabaseAddress database,
        @Nullable DatabaseAddress primary,
        Path lockDirectory,
        BackupOptions options) {}
