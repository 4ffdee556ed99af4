package io.pgnode.config;

import io.pgnode.model.ByteSize;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Backups and the archive of WAL. Without repositories there are none: no archiver runs, and
 * PostgreSQL's archive parameters are left alone.
 */
public interface BackupConfig {
    /** Name of this cluster in the repositories; the cluster's when absent. */
    Optional<String> stanza();

    /** By number, 1 to 4. WAL goes to all, {@code archive-get} asks them in this order. */
    Map<String, RepositoryConfig> repositories();

    CompressConfig compress();

    /** Threads of a backup or restore; half of the cores, 1 to 8, when absent. */
    OptionalInt workers();

    ArchiveConfig archive();

    /** Bytes a second that a backup reads at most; no limit when absent. */
    Optional<ByteSize> throttle();

    /** Directory of the lock and stop files, which pgBackRest uses too. */
    @WithDefault("/tmp/pgbackrest")
    Path lockPath();

    @Reloadable
    ScheduleConfig schedule();

    /** One place that backups are stored in. */
    interface RepositoryConfig extends RepositoryPlace {
        RetentionConfig retention();

        BundleConfig bundle();

        BlockConfig block();
    }

    /** Where backups are, and how they are read. */
    interface RepositoryPlace {
        @WithDefault("posix")
        RepositoryType type();

        /** Directory, or start of the objects' names in the bucket. */
        @WithDefault("/var/lib/pgbackrest")
        Path path();

        CipherConfig cipher();

        S3Config s3();

        enum RepositoryType {
            POSIX,
            S3
        }
    }

    /** Encryption of a whole repository, chosen when the stanza is created. */
    interface CipherConfig {
        @WithDefault("none")
        CipherType type();

        /** Give this or {@code pass-file}. */
        Optional<Secret> pass();

        /** File whose first line is the pass phrase; mode 0600 or 0640. */
        Optional<Path> passFile();

        enum CipherType {
            NONE,
            AES_256_CBC
        }
    }

    /** What {@code expire} keeps. */
    interface RetentionConfig {
        /** Full backups, or days of them; everything is kept when absent. */
        OptionalInt full();

        @WithDefault("count")
        FullType fullType();

        /** Differential backups; until their full one expires when absent. */
        OptionalInt diff();

        /** Backups whose WAL is kept beyond what makes them consistent. */
        OptionalInt archive();

        /** The backups that {@code archive} counts. */
        @WithDefault("full")
        ArchiveType archiveType();

        /**
         * Days that manifests of expired backups are kept in {@code backup.history}; for ever when
         * absent.
         */
        OptionalInt history();

        enum FullType {
            COUNT,
            TIME
        }

        enum ArchiveType {
            FULL,
            DIFF,
            INCR
        }
    }

    /** Small files share objects. */
    interface BundleConfig {
        @WithDefault("true")
        boolean enabled();

        /** What an object is filled up to. */
        @WithDefault("20MB")
        ByteSize size();

        /** Files up to this size are small. */
        @WithDefault("2MB")
        ByteSize limit();
    }

    /** Incremental backups store changed blocks instead of changed files. */
    interface BlockConfig {
        /** Counts with bundles only. */
        @WithDefault("true")
        boolean enabled();
    }

    /** An S3-compatible store. */
    interface S3Config {
        Optional<String> bucket();

        /** Host name, or URL with scheme and port. */
        Optional<String> endpoint();

        Optional<String> region();

        /** The access key. */
        Optional<Secret> key();

        /** Give this or {@code key-secret-file}. */
        Optional<Secret> keySecret();

        /** File whose first line is the secret of the key; mode 0600 or 0640. */
        Optional<Path> keySecretFile();

        /** Of temporary keys. */
        Optional<Secret> token();

        /** Whether the bucket is part of the host name or of the path. */
        @WithDefault("host")
        UriStyle uriStyle();

        /** Whether the store's certificate must be valid, and be for its name. */
        @WithDefault("true")
        boolean verifyTls();

        /** Authorities of the store's certificate; those of the system when absent. */
        Optional<Path> caFile();

        /** That of the endpoint when absent. */
        OptionalInt port();

        enum UriStyle {
            PATH,
            HOST
        }
    }

    /** How backups and WAL are compressed. */
    interface CompressConfig {
        @WithDefault("zst")
        CompressType type();

        /**
         * By the type's own scale; when absent 1 for lz4, 6 for gz, and for zst 3, or 1 where that
         * stores hardly more.
         */
        OptionalInt level();

        enum CompressType {
            NONE,
            GZ,
            LZ4,
            ZST
        }
    }

    /** WAL into the repositories, and out of them. */
    interface ArchiveConfig {
        /** Segments stored, or fetched, at the same time. */
        @WithDefault("2")
        int workers();

        /** How long PostgreSQL waits for one segment before it asks again. */
        @WithDefault("1min")
        Duration pushDeadline();

        /** How long PostgreSQL waits for one segment in recovery. */
        @WithDefault("1min")
        Duration getDeadline();

        /** WAL that is fetched before recovery asks for it; 0 for none. */
        @WithDefault("128MB")
        ByteSize prefetch();
    }

    /** When backups are made, and where. */
    interface ScheduleConfig {
        @WithDefault("true")
        boolean enabled();

        /** Of the cron lines, such as {@code Europe/Berlin}. */
        @WithDefault("UTC")
        String timeZone();

        /** Cron lines of full backups, separated by {@code ;}. */
        Optional<String> full();

        /** Cron lines of differential backups. */
        Optional<String> diff();

        /** Cron lines of incremental backups. */
        Optional<String> incr();

        /** Longest delay after a slot; each cluster has its own, always the same. */
        @WithDefault("10min")
        Duration jitter();

        /** How long after its slot a backup may still start; any time when absent. */
        Optional<Duration> window();

        /** A backup that takes longer is stopped, and resumed by the next one. */
        @WithDefault("24h")
        Duration maxRunTime();

        /** After a failure: 5, 15, then every 45 minutes. */
        @WithDefault("3")
        int retries();

        /** A slot that was missed for longer is not made up for. */
        @WithDefault("24h")
        Duration catchUpMaxAge();

        @WithDefault("prefer-standby")
        Place place();

        /** Whether a full backup is made as soon as a repository has none. */
        @WithDefault("true")
        boolean firstFull();

        HooksConfig hooks();

        enum Place {
            PREFER_STANDBY,
            STANDBY,
            PRIMARY
        }
    }

    /** Programs around each scheduled backup, with its facts in the environment. */
    interface HooksConfig {
        /** When it fails there is no backup. */
        Optional<CommandLine> before();

        Optional<CommandLine> after();

        Optional<CommandLine> onFailure();

        /** Of each, after which it is killed. */
        @WithDefault("5min")
        Duration timeout();
    }
}
