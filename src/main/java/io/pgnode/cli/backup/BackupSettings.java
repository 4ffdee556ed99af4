package io.pgnode.cli.backup;

import io.pgnode.backup.archive.ArchiveSettings;
import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.RetentionPolicy;
import io.pgnode.backup.engine.BackupOptions;
import io.pgnode.backup.repo.RepositorySettings;
import io.pgnode.backup.schedule.BackupHooks;
import io.pgnode.backup.schedule.core.CronSchedule;
import io.pgnode.backup.schedule.core.Placement;
import io.pgnode.backup.schedule.core.SchedulePolicy;
import io.pgnode.backup.storage.S3Settings;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.config.BackupConfig;
import io.pgnode.config.CommandLine;
import io.pgnode.config.Identity;
import io.pgnode.config.Passworded;
import io.pgnode.config.Passwords;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.Secret;
import io.pgnode.model.ByteSize;
import io.pgnode.model.HostPort;
import io.pgnode.postgres.Credentials;
import io.pgnode.postgres.DatabaseAddress;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the rooms of {@code backup} that a node's configuration means: the one place that
 * knows both. Made when it is asked for, so that secrets are read anew from their files. Blocking.
 */
public final class BackupSettings {
    /** Files are pushed that many times the workers ahead. */
    private static final int LOOK_AHEAD = 8;

    private static final int MOST_WORKERS = 8;

    private final PgnodeConfig config;
    private final BackupConfig backup;

    public BackupSettings(PgnodeConfig config) {
        this.config = config;
        this.backup = config.backup();
    }

    /** Whether there is any repository. */
    public boolean isConfigured() {
        return !backup.repositories().isEmpty();
    }

    public String stanza() {
        return backup.stanza().orElseGet(() -> config.cluster().orElseThrow());
    }

    /**
     * The repositories, by number.
     *
     * @throws IOException when a secret cannot be read from its file
     */
    public List<RepositorySettings> repositories() throws IOException {
        List<RepositorySettings> all = new ArrayList<>();
        for (var entry : new TreeMap<>(backup.repositories()).entrySet()) {
            BackupConfig.RepositoryConfig repository = entry.getValue();
            all.add(
                    new RepositorySettings(
                            Integer.parseInt(entry.getKey()),
                            storage(repository),
                            stanza(),
                            cipher(repository.cipher().type()),
                            pass(repository.cipher())));
        }
        return all;
    }

    /** Whether another cluster's repository is named, to begin with. */
    public boolean hasSource() {
        return config.bootstrap().source().stanza().isPresent();
    }

    /**
     * The repository that a new cluster begins with.
     *
     * @throws IOException when a secret cannot be read from its file
     */
    public List<RepositorySettings> source() throws IOException {
        BackupConfig.RepositoryPlace repository = config.bootstrap().source().repository();
        return List.of(
                new RepositorySettings(
                        1,
                        storage(repository),
                        config.bootstrap().source().stanza().orElseThrow(),
                        cipher(repository.cipher().type()),
                        pass(repository.cipher())));
    }

    private static StorageSettings storage(BackupConfig.RepositoryPlace repository)
            throws IOException {
        return switch (repository.type()) {
            case POSIX -> new StorageSettings.Posix(repository.path());
            case S3 -> new StorageSettings.S3(s3(repository));
        };
    }

    private static S3Settings s3(BackupConfig.RepositoryPlace repository) throws IOException {
        BackupConfig.S3Config s3 = repository.s3();
        return new S3Settings(
                new S3Settings.Bucket(
                        S3Settings.Bucket.endpoint(
                                s3.endpoint().orElseThrow(), s3.port().orElse(0)),
                        s3.bucket().orElseThrow(),
                        s3.region().orElseThrow(),
                        switch (s3.uriStyle()) {
                            case HOST -> S3Settings.UriStyle.HOST;
                            case PATH -> S3Settings.UriStyle.PATH;
                        }),
                repository.path().toString(),
                new S3Settings.Keys(
                        s3.key().orElseThrow().reveal(),
                        Passwords.read(s3.keySecret(), s3.keySecretFile()).orElseThrow(),
                        s3.token().orElse(null)),
                new S3Settings.Tls(s3.caFile().orElse(null), s3.verifyTls()),
                S3Settings.Times.USUAL);
    }

    private static CipherType cipher(BackupConfig.CipherConfig.CipherType type) {
        return switch (type) {
            case NONE -> CipherType.NONE;
            case AES_256_CBC -> CipherType.AES_256_CBC;
        };
    }

    private static @Nullable Secret pass(BackupConfig.CipherConfig cipher) throws IOException {
        return switch (cipher.type()) {
            case NONE -> null;
            case AES_256_CBC -> Passwords.read(cipher.pass(), cipher.passFile()).orElseThrow();
        };
    }

    /** What expires in a repository. */
    public RetentionPolicy retention(int repository) {
        BackupConfig.RepositoryConfig found = repository(repository);
        BackupConfig.RetentionConfig retention = found.retention();
        return new RetentionPolicy(
                boxed(retention.full()),
                switch (retention.fullType()) {
                    case COUNT -> RetentionPolicy.FullType.COUNT;
                    case TIME -> RetentionPolicy.FullType.TIME;
                },
                boxed(retention.diff()),
                boxed(retention.archive()),
                switch (retention.archiveType()) {
                    case FULL -> BackupType.FULL;
                    case DIFF -> BackupType.DIFF;
                    case INCR -> BackupType.INCR;
                },
                boxed(retention.history()));
    }

    private BackupConfig.RepositoryConfig repository(int number) {
        return Optional.ofNullable(backup.repositories().get(Integer.toString(number)))
                .orElseThrow();
    }

    private static @Nullable Integer boxed(OptionalInt value) {
        return value.isPresent() ? value.getAsInt() : null;
    }

    public CompressType compression() {
        return CompressType.parse(backup.compress().type().name().toLowerCase(Locale.ROOT));
    }

    public int level() {
        return backup.compress().level().orElse(compression().defaultLevel());
    }

    /** Of a backup or restore. */
    public int workers() {
        int processors = Runtime.getRuntime().availableProcessors();
        return backup.workers().orElse(Math.clamp(processors / 2, 1, MOST_WORKERS));
    }

    /**
     * How a backup is made.
     *
     * @param isFast whether its checkpoint is done at once
     */
    public BackupOptions options(int repository, boolean isFast, Map<String, String> annotation) {
        BackupConfig.RepositoryConfig found = repository(repository);
        boolean bundle = found.bundle().enabled();
        return BackupOptions.DEFAULT.toBuilder()
                .compression(new Compression(compression(), backup.compress().level()))
                .bundles(bundle, bundle && found.block().enabled())
                .bundleSizes(found.bundle().limit().bytes(), found.bundle().size().bytes())
                .workers(workers())
                .startFast(isFast)
                .archiveTimeout(backup.archive().pushDeadline())
                .rate(backup.throttle().map(ByteSize::bytes).orElse(0L))
                .annotation(annotation)
                .build();
    }

    /**
     * How WAL is archived.
     *
     * @throws IOException when a secret cannot be read from its file
     */
    public ArchiveSettings archive() throws IOException {
        return archive(repositories());
    }

    /**
     * How WAL is fetched from the repository that a new cluster begins with.
     *
     * @throws IOException when a secret cannot be read from its file
     */
    public ArchiveSettings sourceArchive() throws IOException {
        return archive(source());
    }

    private ArchiveSettings archive(List<RepositorySettings> repositories) {
        BackupConfig.ArchiveConfig archive = backup.archive();
        return new ArchiveSettings(
                config.runDir(),
                config.postgresql().dataDir(),
                Identity.of(config).name().value(),
                repositories,
                new Compression(compression(), backup.compress().level()),
                backup.lockPath(),
                new ArchiveSettings.Limits(
                        archive.workers(),
                        archive.workers() * LOOK_AHEAD,
                        archive.prefetch().bytes(),
                        archive.pushDeadline(),
                        archive.getDeadline(),
                        Duration.ofSeconds(5)));
    }

    /**
     * When backups are made.
     *
     * @throws IllegalArgumentException when a cron line is none; see {@link ScheduleCheck}
     */
    public SchedulePolicy schedule() {
        BackupConfig.ScheduleConfig schedule = backup.schedule();
        Map<BackupType, CronSchedule> lines = new EnumMap<>(BackupType.class);
        put(lines, BackupType.FULL, schedule.full());
        put(lines, BackupType.DIFF, schedule.diff());
        put(lines, BackupType.INCR, schedule.incr());
        return new SchedulePolicy(
                config.cluster().orElseThrow(),
                schedule.enabled(),
                ZoneId.of(schedule.timeZone()),
                lines,
                schedule.jitter(),
                schedule.window().orElse(null),
                schedule.maxRunTime(),
                schedule.retries(),
                schedule.catchUpMaxAge(),
                switch (schedule.place()) {
                    case PREFER_STANDBY -> Placement.Preference.PREFER_STANDBY;
                    case STANDBY -> Placement.Preference.STANDBY;
                    case PRIMARY -> Placement.Preference.PRIMARY;
                },
                schedule.firstFull());
    }

    /** Programs around scheduled backups. */
    public BackupHooks hooks() {
        BackupConfig.HooksConfig hooks = backup.schedule().hooks();
        return new BackupHooks(
                words(hooks.before()),
                words(hooks.after()),
                words(hooks.onFailure()),
                hooks.timeout(),
                config.cluster().orElseThrow(),
                Identity.of(config).name().value(),
                stanza(),
                backup.repositories().keySet().stream().map(Integer::valueOf).sorted().toList());
    }

    private static List<String> words(Optional<CommandLine> command) {
        return command.map(CommandLine::words).orElse(List.of());
    }

    private static void put(
            Map<BackupType, CronSchedule> lines, BackupType type, Optional<String> text) {
        text.ifPresent(line -> lines.put(type, CronSchedule.parse(line)));
    }

    /**
     * This node's server.
     *
     * @throws IOException when the password cannot be read from its file
     */
    public DatabaseAddress localDatabase() throws IOException {
        return DatabaseAddress.socket(
                config.postgresql().socketDir(),
                config.postgresql().port(),
                "postgres",
                superuser());
    }

    /**
     * Another member's server.
     *
     * @throws IOException when the password cannot be read from its file
     */
    public DatabaseAddress remoteDatabase(HostPort address) throws IOException {
        Map<String, String> options = new TreeMap<>();
        options.put(
                "sslmode",
                config.postgresql()
                        .replication()
                        .sslmode()
                        .name()
                        .toLowerCase(Locale.ROOT)
                        .replace('_', '-'));
        config.postgresql()
                .replication()
                .sslrootcert()
                .ifPresent(file -> options.put("sslrootcert", file.toString()));
        return DatabaseAddress.remote(address, superuser(), options);
    }

    private Credentials superuser() throws IOException {
        Passworded section = config.postgresql().superuser();
        return new Credentials(
                config.postgresql().superuser().username(),
                Passwords.read(section).map(Secret::reveal).orElse(""));
    }
}
