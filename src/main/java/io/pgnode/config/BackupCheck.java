package io.pgnode.config;

import io.pgnode.model.ByteSize;
import java.net.URI;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Repositories, archive and schedule. Cron lines are checked by those who use them. */
final class BackupCheck {
    private static final int MAX_WORKERS = 64;
    private static final int MAX_RETENTION = 9_999_999;
    private static final int MAX_RETRIES = 100;

    private static final Duration MOST_HOOK_TIME = Duration.ofHours(12);

    /** The limits of pgBackRest's option repo-bundle-size are about these. */
    private static final ByteSize LEAST_BUNDLE = new ByteSize(1L << 20);

    private static final ByteSize MOST_BUNDLE = new ByteSize(1L << 30);

    private BackupCheck() {}

    static void run(PgnodeConfig config, Findings findings) {
        BackupConfig backup = config.backup();
        backup.stanza().ifPresent(name -> stanza("backup.stanza", name, findings));
        Map<String, String> places = new HashMap<>();
        new TreeMap<>(backup.repositories())
                .forEach((number, repository) -> repository(number, repository, places, findings));
        compress(backup.compress(), findings);
        backup.workers()
                .ifPresent(workers -> between("backup.workers", workers, 1, MAX_WORKERS, findings));
        archive(backup.archive(), findings);
        backup.throttle()
                .filter(limit -> limit.bytes() < 1 << 16)
                .ifPresent(
                        limit ->
                                findings.add(
                                        "backup.throttle",
                                        "backup.throttle is " + limit + ", must be at least 64kB",
                                        "bytes a second; leave it away for no limit"));
        FileCheck.absolute("backup.lock-path", backup.lockPath(), findings);
        schedule(backup.schedule(), findings);
    }

    static void stanza(String key, String name, Findings findings) {
        if (!name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,126}")) {
            findings.add(
                    key,
                    key + " is \"" + name + "\", which is no name",
                    "letters, digits, _ . and -, not beginning with . or -");
        }
    }

    private static void repository(
            String number,
            BackupConfig.RepositoryConfig repository,
            Map<String, String> places,
            Findings findings) {
        String at = "backup.repositories." + Names.quoted(number);
        if (!number.matches("[1-4]")) {
            findings.add(
                    at + ".type",
                    "backup.repositories has \"" + number + "\", must be a number of 1..4",
                    "pgBackRest calls them repo1 to repo4");
        }
        retention(at + ".retention", repository.retention(), findings);
        bundle(at + ".bundle", repository.bundle(), findings);
        String place = place(at, repository, findings);
        String other = place.isEmpty() ? null : places.putIfAbsent(place, at);
        if (other != null) {
            findings.add(
                    at + ".path", at + " and " + other + " are both at " + place, "move one away");
        }
    }

    /** Where it is, for comparisons; empty when that is not known. */
    static String place(String at, BackupConfig.RepositoryPlace repository, Findings findings) {
        FileCheck.absolute(at + ".path", repository.path(), findings);
        cipher(at + ".cipher", repository.cipher(), findings);
        switch (repository.type()) {
            case POSIX -> unused(at + ".s3", findings);
            case S3 -> s3(at + ".s3", repository.s3(), findings);
        }
        return placeOf(repository);
    }

    /** Where it is, for comparisons; empty when that is not known. */
    static String placeOf(BackupConfig.RepositoryPlace repository) {
        String path = repository.path().normalize().toString();
        return switch (repository.type()) {
            case POSIX -> path;
            case S3 ->
                    repository
                            .s3()
                            .bucket()
                            .map(
                                    bucket ->
                                            "s3://"
                                                    + repository.s3().endpoint().orElse("")
                                                    + "/"
                                                    + bucket
                                                    + path)
                            .orElse("");
        };
    }

    private static void unused(String section, Findings findings) {
        findings.settings().tailMap(section + ".").keySet().stream()
                .takeWhile(key -> key.startsWith(section + "."))
                .findFirst()
                .ifPresent(
                        key ->
                                findings.add(
                                        key,
                                        key + " is given, but the repository is of type posix",
                                        "add type: s3, or remove " + section));
    }

    private static void cipher(String at, BackupConfig.CipherConfig cipher, Findings findings) {
        boolean isGiven = cipher.pass().isPresent() || cipher.passFile().isPresent();
        one(
                at + ".pass",
                cipher.pass().isPresent(),
                at + ".pass-file",
                cipher.passFile(),
                findings);
        switch (cipher.type()) {
            case NONE -> {
                if (isGiven) {
                    String key = at + (cipher.pass().isPresent() ? ".pass" : ".pass-file");
                    findings.add(
                            key,
                            key + " is given, but " + at + ".type is none",
                            "add " + at + ".type: aes-256-cbc, or remove it");
                }
            }
            case AES_256_CBC -> {
                if (!isGiven
                        && !findings.isBroken(at + ".pass")
                        && !findings.isBroken(at + ".pass-file")) {
                    findings.add(
                            at + ".type",
                            at + ".type is aes-256-cbc without a pass phrase",
                            "add " + at + ".pass-file");
                }
            }
        }
    }

    private static void one(
            String plain, boolean isGiven, String file, Optional<Path> path, Findings findings) {
        if (isGiven && path.isPresent()) {
            findings.add(file, "both " + plain + " and " + file + " are given", "keep one of them");
        }
        path.ifPresent(given -> FileCheck.secret(file, given, findings));
    }

    private static void retention(
            String at, BackupConfig.RetentionConfig retention, Findings findings) {
        number(at + ".full", retention.full(), 1, MAX_RETENTION, findings);
        number(at + ".diff", retention.diff(), 1, MAX_RETENTION, findings);
        number(at + ".archive", retention.archive(), 1, MAX_RETENTION, findings);
        number(at + ".history", retention.history(), 0, MAX_RETENTION, findings);
        if (retention.archiveType() != BackupConfig.RetentionConfig.ArchiveType.FULL
                && retention.archive().isEmpty()
                && !findings.isBroken(at + ".archive")) {
            findings.add(
                    at + ".archive-type",
                    at
                            + ".archive-type is "
                            + ValueTypes.spelling(retention.archiveType())
                            + " without "
                            + at
                            + ".archive",
                    "say how many of them");
        }
    }

    private static void bundle(String at, BackupConfig.BundleConfig bundle, Findings findings) {
        if (bundle.size().compareTo(LEAST_BUNDLE) < 0 || bundle.size().compareTo(MOST_BUNDLE) > 0) {
            findings.add(
                    at + ".size",
                    at + ".size is " + bundle.size() + ", must be 1MB..1GB",
                    "pgBackRest's default is 20MB");
        } else if (bundle.limit().compareTo(bundle.size()) > 0) {
            findings.add(
                    at + ".limit",
                    at + ".limit is " + bundle.limit() + ", more than size, " + bundle.size(),
                    "pgBackRest's default is 2MB");
        }
    }

    private static void s3(String at, BackupConfig.S3Config s3, Findings findings) {
        required(at + ".bucket", s3.bucket(), findings);
        required(at + ".endpoint", s3.endpoint(), findings);
        required(at + ".region", s3.region(), findings);
        required(at + ".key", s3.key().map(Secret::reveal), findings);
        boolean hasSecret = s3.keySecret().isPresent() || s3.keySecretFile().isPresent();
        if (!hasSecret
                && !findings.isBroken(at + ".key-secret")
                && !findings.isBroken(at + ".key-secret-file")) {
            findings.add(
                    at + ".key-secret",
                    at + " has neither key-secret nor key-secret-file",
                    "a file of mode 0600 with the secret of the key");
        }
        one(
                at + ".key-secret",
                s3.keySecret().isPresent(),
                at + ".key-secret-file",
                s3.keySecretFile(),
                findings);
        s3.endpoint().ifPresent(endpoint -> endpoint(at + ".endpoint", endpoint, findings));
        s3.caFile().ifPresent(file -> FileCheck.readable(at + ".ca-file", file, findings));
        s3.port().ifPresent(port -> PostgresqlCheck.port(at + ".port", port, findings));
    }

    private static void endpoint(String key, String endpoint, Findings findings) {
        String url = endpoint.contains("://") ? endpoint : "https://" + endpoint;
        boolean isValid;
        try {
            URI uri = URI.create(url);
            isValid =
                    uri.getHost() != null
                            && (uri.getPath().isEmpty() || uri.getPath().equals("/"))
                            && uri.getUserInfo() == null
                            && uri.getQuery() == null
                            && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()));
        } catch (IllegalArgumentException e) {
            isValid = false;
        }
        if (!isValid) {
            findings.add(
                    key,
                    key + " is \"" + endpoint + "\", must be a host or a URL without a path",
                    "such as s3.eu-central-1.amazonaws.com or https://10.0.0.9:9000");
        }
    }

    private static void required(String key, Optional<String> value, Findings findings) {
        if (value.isEmpty() && !findings.isBroken(key)) {
            findings.add(key, key + " is missing", "");
        } else if (value.isPresent() && value.get().isBlank()) {
            findings.add(key, key + " is blank", "");
        }
    }

    private static void compress(BackupConfig.CompressConfig compress, Findings findings) {
        String key = "backup.compress.level";
        switch (compress.type()) {
            case NONE -> {
                if (compress.level().isPresent()) {
                    findings.add(key, key + " is given, but nothing is compressed", "remove it");
                }
            }
            case GZ -> number(key, compress.level(), 0, 9, findings);
            case LZ4 -> number(key, compress.level(), -5, 12, findings);
            case ZST -> number(key, compress.level(), -7, 22, findings);
        }
    }

    private static void archive(BackupConfig.ArchiveConfig archive, Findings findings) {
        between("backup.archive.workers", archive.workers(), 1, MAX_WORKERS, findings);
        positive("backup.archive.push-deadline", archive.pushDeadline(), findings);
        positive("backup.archive.get-deadline", archive.getDeadline(), findings);
    }

    private static void schedule(BackupConfig.ScheduleConfig schedule, Findings findings) {
        try {
            ZoneId.of(schedule.timeZone());
        } catch (DateTimeException e) {
            findings.add(
                    "backup.schedule.time-zone",
                    "backup.schedule.time-zone is \""
                            + schedule.timeZone()
                            + "\", which is no time zone",
                    "such as UTC, Europe/Berlin or America/New_York");
        }
        schedule.window().ifPresent(window -> positive("backup.schedule.window", window, findings));
        if (schedule.window().isPresent()
                && schedule.window().get().compareTo(schedule.jitter()) < 0) {
            findings.add(
                    "backup.schedule.window",
                    "backup.schedule.window is "
                            + Durations.print(schedule.window().get())
                            + ", less than jitter, "
                            + Durations.print(schedule.jitter()),
                    "some backups would never start");
        }
        hooks(schedule.hooks(), findings);
        positive("backup.schedule.max-run-time", schedule.maxRunTime(), findings);
        between("backup.schedule.retries", schedule.retries(), 0, MAX_RETRIES, findings);
        if (schedule.jitter().compareTo(Duration.ofHours(12)) > 0) {
            findings.add(
                    "backup.schedule.jitter",
                    "backup.schedule.jitter is "
                            + Durations.print(schedule.jitter())
                            + ", must be at most 12h",
                    "");
        }
    }

    private static void hooks(BackupConfig.HooksConfig hooks, Findings findings) {
        String at = "backup.schedule.hooks.";
        hooks.before().ifPresent(given -> FileCheck.program(at + "before", given, findings));
        hooks.after().ifPresent(given -> FileCheck.program(at + "after", given, findings));
        hooks.onFailure().ifPresent(given -> FileCheck.program(at + "on-failure", given, findings));
        positive(at + "timeout", hooks.timeout(), findings);
        if (hooks.timeout().compareTo(MOST_HOOK_TIME) > 0) {
            findings.add(
                    at + "timeout",
                    at
                            + "timeout is "
                            + Durations.print(hooks.timeout())
                            + ", must be at most "
                            + Durations.print(MOST_HOOK_TIME),
                    "");
        }
    }

    private static void number(
            String key, OptionalInt value, int least, int most, Findings findings) {
        value.ifPresent(given -> between(key, given, least, most, findings));
    }

    private static void between(String key, int value, int least, int most, Findings findings) {
        if (value < least || value > most) {
            findings.add(key, key + " is " + value + ", must be " + least + ".." + most, "");
        }
    }

    private static void positive(String key, Duration value, Findings findings) {
        if (value.isZero()) {
            findings.add(key, key + " is zero, must be more", "");
        }
    }
}
