package io.pgnode.backup.archive;

import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.repo.RepositorySettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How a node archives.
 *
 * @param runDir where the archiver's socket is
 * @param dataDir of the node's PostgreSQL
 * @param member this node's name, for the quarantine
 * @param repositories all of them get every file; they are asked in this order
 * @param compression of segments; history files are stored as they are
 * @param lockDirectory where pgBackRest's stop files are
 */
public record ArchiveSettings(
        Path runDir,
        Path dataDir,
        String member,
        List<RepositorySettings> repositories,
        Compression compression,
        Path lockDirectory,
        Limits limits) {
    private static final int MAX_WORKERS = 64;
    private static final int MAX_LOOK_AHEAD = 4096;

    /** What the archiver's socket is called. */
    static final String SOCKET = "archiver.sock";

    /**
     * How much and how long.
     *
     * @param workers how many files are pushed at a time, and how many are fetched at a time
     * @param lookAhead how many files are pushed before PostgreSQL asks; 0 for none
     * @param prefetchBytes how much WAL is fetched before PostgreSQL asks; 0 for none
     * @param push how long PostgreSQL's question waits for a push; it asks again
     * @param recovery how long an error is retried in a targeted recovery, before it is ended
     * @param standby how long an error is retried on a standby, before it goes on without
     */
    public record Limits(
            int workers,
            int lookAhead,
            long prefetchBytes,
            Duration push,
            Duration recovery,
            Duration standby) {
        public Limits {
            if (workers < 1 || workers > MAX_WORKERS) {
                throw new IllegalArgumentException(
                        "archiver's workers must be 1.." + MAX_WORKERS + ", was " + workers);
            }
            if (lookAhead < 0 || lookAhead > MAX_LOOK_AHEAD) {
                throw new IllegalArgumentException(
                        "archiver's look-ahead must be 0.."
                                + MAX_LOOK_AHEAD
                                + " files, was "
                                + lookAhead);
            }
            if (prefetchBytes < 0) {
                throw new IllegalArgumentException(
                        "archiver's prefetch must not be negative, was " + prefetchBytes);
            }
        }

        /** How long one of several repositories may take for a call, before the next is asked. */
        Duration oneCall() {
            return push.multipliedBy(3).dividedBy(4);
        }

        /**
         * Workers for a number of processors: half of them, 2 to 8; pgBackRest's queue of 128 MiB.
         */
        public static Limits of(int processors) {
            int workers = Math.clamp(processors / 2, 2, 8);
            return new Limits(
                    workers,
                    8 * workers,
                    128L << 20,
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(120),
                    Duration.ofSeconds(5));
        }
    }

    public ArchiveSettings {
        repositories = List.copyOf(repositories);
        if (repositories.isEmpty()) {
            throw new IllegalArgumentException("archiving needs a repository");
        }
        if (!dataDir.isAbsolute()) {
            throw new IllegalArgumentException("data directory must be absolute, was " + dataDir);
        }
    }

    /** The archiver's socket. */
    Path socket() {
        return runDir.resolve(SOCKET);
    }

    Path walDirectory() {
        return dataDir.resolve("pg_wal");
    }
}
