package io.pgnode.postgres;

import io.pgnode.model.Lsn;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a backup needs to know of a running server; read through {@link BackupSession#facts}.
 *
 * @param versionNumber such as 150004
 * @param systemId system identifier, unsigned decimal
 * @param controlVersion format of pg_control
 * @param timeline of the latest checkpoint: right after a promotion still the old one
 * @param checkpointRedo where recovery from the latest checkpoint starts
 * @param settings by name: those in {@link BackupSession#SETTINGS} that the server has
 */
public record DatabaseFacts(
        int versionNumber,
        String systemId,
        int controlVersion,
        int catalogVersion,
        boolean isInRecovery,
        int timeline,
        Lsn checkpointRedo,
        Map<String, String> settings,
        List<Database> databases,
        List<Tablespace> tablespaces) {
    /**
     * A database.
     *
     * @param lastSystemId of the databases that initdb makes, the one that is never changed
     */
    public record Database(String name, long oid, long lastSystemId) {}

    /** A tablespace beside the two that are inside the data directory. */
    public record Tablespace(String name, long oid, String location) {}

    /**
     * What pg_stat_archiver says.
     *
     * @param lastFailed the file of the last failure; null when there was none since the reset
     */
    public record ArchiverState(
            long archived,
            @Nullable String lastArchived,
            @Nullable Instant lastArchivedAt,
            long failed,
            @Nullable String lastFailed,
            @Nullable Instant lastFailedAt) {
        /** Whether the last thing that happened is a failure. */
        public boolean isFailing() {
            return lastFailedAt != null
                    && (lastArchivedAt == null || lastFailedAt.isAfter(lastArchivedAt));
        }

        /** For messages; empty when nothing failed. */
        public String failure() {
            return lastFailed == null
                    ? ""
                    : "the archiver's last failure: " + lastFailed + " at " + lastFailedAt;
        }
    }

    public DatabaseFacts {
        settings = Map.copyOf(settings);
        databases = List.copyOf(databases);
        tablespaces = List.copyOf(tablespaces);
    }

    /** Major version as in {@code PG_VERSION}: {@code 15}. */
    public String version() {
        return String.valueOf(versionNumber / 10_000);
    }

    public int majorVersion() {
        return versionNumber / 10_000;
    }

    public Path dataDirectory() {
        return Path.of(setting("data_directory"));
    }

    /** Bytes. */
    public int walSegmentSize() {
        return Integer.parseInt(setting("wal_segment_size"));
    }

    /** Bytes of a page of a table. */
    public int blockSize() {
        return Integer.parseInt(setting("block_size"));
    }

    /** Blocks in a file of a relation. */
    public int segmentBlocks() {
        return Integer.parseInt(setting("segment_size"));
    }

    public boolean hasChecksums() {
        return setting("data_checksums").equals("on");
    }

    /** {@code off}, {@code on} or {@code always}. */
    public String archiveMode() {
        return setting("archive_mode");
    }

    private String setting(String name) {
        String value = settings.get(name);
        if (value == null) {
            throw new IllegalStateException("the server has no setting " + name);
        }
        return value;
    }
}
