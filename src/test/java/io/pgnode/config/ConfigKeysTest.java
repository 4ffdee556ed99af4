package io.pgnode.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every key, with its default and with another value. A key that is not listed here fails. */
class ConfigKeysTest {
    /** Stands for no value at all. */
    private static final String NONE = "";

    /**
     * @param companions other variables that the value needs, as {@code key=value}
     */
    private record Example(String defaultValue, String other, List<String> companions) {}

    private static final String SOURCE = "bootstrap.source.";
    private static final List<String> USED_SOURCE =
            List.of("bootstrap.method=repository", SOURCE + "stanza=main");

    @TempDir Path directory;

    private final Map<String, Example> examples = new TreeMap<>();

    @BeforeEach
    void describeEveryKey() throws IOException {
        String file = make("file", "rw-r--r--");
        String secret = make("secret", "rw-------");
        String program = make("program", "rwxr-xr-x");
        make("postgres", "rwxr-xr-x");

        key("cluster", NONE, "other");
        key("seq", NONE, "7");
        key("name", NONE, "other-name");
        key("role", "primary", "replica");
        key("address", NONE, "host.example.org");
        key("namespace", "/service/", "/pg/");
        key("run-dir", "/run/pgnode", "/tmp/pgnode");

        key("dcs.type", "etcd", "embedded");
        key("dcs.endpoints", "127.0.0.1:2379", "10.0.0.1:2379,10.0.0.2:2379");
        key("dcs.username", NONE, "pgnode", "dcs.password=x");
        key("dcs.password", NONE, "x", "dcs.username=pgnode");
        key("dcs.password-file", NONE, secret, "dcs.username=pgnode");
        key("dcs.timeout", "3s", "500ms");
        key("dcs.data-dir", "/var/lib/pgnode/dcs", "/tmp/dcs");
        key("dcs.listen", "127.0.0.1:2379", "10.0.0.1:2380");
        key("dcs.tls.enabled", "false", "true");
        key("dcs.tls.ca-file", NONE, file, "dcs.tls.enabled=true");
        key("dcs.tls.cert-file", NONE, file, "dcs.tls.enabled=true", "dcs.tls.key-file=" + secret);
        key("dcs.tls.key-file", NONE, secret, "dcs.tls.enabled=true", "dcs.tls.cert-file=" + file);

        key("ha.preset", "norm", "wide");
        key("ha.ttl", NONE, "12s");
        key("ha.loop-wait", NONE, "1s");
        key("ha.retry-timeout", NONE, "3s");
        key("ha.drain-timeout", "5s", "2s");
        key("ha.hold-timeout", "30s", "10s");
        key("ha.tags.*", NONE, "zone-a");
        key("ha.watchdog.mode", "automatic", "required");
        key("ha.watchdog.device", "/dev/watchdog", "/dev/watchdog1");
        key("ha.watchdog.safety-margin", NONE, "2s");
        for (String event : List.of("start", "stop", "restart", "reload", "role-change")) {
            key("ha.callbacks.on-" + event, NONE, program + " argument");
        }
        key("ha.callbacks.pre-promote", NONE, program);
        key("ha.callbacks.before-stop", NONE, program);
        key("ha.remove-data-directory-on-rewind-failure", "false", "true");
        key("ha.remove-data-directory-on-diverged-timelines", "false", "true");

        key("postgresql.bin-dir", NONE, directory.toString());
        key("postgresql.data-dir", "/var/lib/pgnode/data", "/srv/data");
        key("postgresql.wal-dir", NONE, "/srv/wal");
        key("postgresql.listen", "0.0.0.0", "127.0.0.1,10.0.0.1");
        key("postgresql.port", "5432", "15432");
        key("postgresql.connect-address", NONE, "10.0.0.9:6000");
        key("postgresql.socket-dir", "/var/run/postgresql", "/tmp");
        key("postgresql.log-file", NONE, "/var/log/postgresql.log");
        key("postgresql.superuser.username", "postgres", "dba");
        key("postgresql.superuser.password", NONE, "x");
        key("postgresql.superuser.password-file", NONE, secret);
        key("postgresql.replication.username", "replicator", "repl");
        key("postgresql.replication.password", NONE, "x");
        key("postgresql.replication.password-file", NONE, secret);
        key("postgresql.replication.sslmode", "prefer", "verify-full");
        key("postgresql.replication.sslrootcert", NONE, file);
        key("postgresql.rewind.username", NONE, "rewinder");
        key("postgresql.rewind.password", NONE, "x");
        key("postgresql.rewind.password-file", NONE, secret);
        key("postgresql.parameters.*", NONE, "64MB");
        key("postgresql.pg-hba", NONE, "host all all all trust");
        key("postgresql.pg-ident", NONE, "map system role");
        key("postgresql.custom-conf", NONE, file);
        key(
                "postgresql.create-replica-methods",
                NONE,
                "backup,basebackup",
                "postgresql.replica-methods.backup.command=" + program);
        key("postgresql.replica-methods.*.command", NONE, program);
        for (String flag : List.of("keep-data", "no-params", "no-leader")) {
            key(
                    "postgresql.replica-methods.*." + flag,
                    "false",
                    "true",
                    "postgresql.replica-methods.example.command=" + program);
        }
        key("postgresql.basebackup", "checkpoint=fast", "max-rate=100M,no-verify-checksums");
        key("postgresql.restore-command", NONE, "cp /archive/%f %p");
        key("postgresql.use-pg-rewind", "true", "false");
        key("postgresql.start-timeout", "1min", "90s");
        key("postgresql.keep-renamed-directories", NONE, "2");
        key("postgresql.stop-timeout", "1min", "90s");

        key("bootstrap.initdb", "data-checksums,encoding=UTF8", "locale=C");
        key("bootstrap.dcs", "{}", "{\"synchronous_mode\":true}");
        key("bootstrap.post-bootstrap", NONE, program);
        key(
                "bootstrap.method",
                "initdb",
                "restore",
                "bootstrap.methods.restore.command=" + program);
        key("bootstrap.recovery-timeout", "24h", "2h");
        source("stanza", NONE, "other");
        source("set", NONE, "20260101-000000F");
        source("target-type", "default", "immediate");
        source("target", NONE, "12", "target-type=xid");
        source("target-exclusive", "false", "true", "target-type=xid", "target=12");
        source("target-timeline", "latest", "2");
        source("repository.path", "/var/lib/pgbackrest", "/backup");
        source("repository.cipher.type", "none", "aes-256-cbc", "repository.cipher.pass=x");
        source("repository.cipher.pass", NONE, "x", "repository.cipher.type=aes-256-cbc");
        source("repository.cipher.pass-file", NONE, secret, "repository.cipher.type=aes-256-cbc");
        key("bootstrap.methods.*.command", NONE, program);
        for (String flag : List.of("no-params", "keep-existing-recovery-conf")) {
            key(
                    "bootstrap.methods.*." + flag,
                    "false",
                    "true",
                    "bootstrap.methods.example.command=" + program);
        }
        key(
                "bootstrap.methods.*.recovery-conf",
                "{}",
                "{\"recovery_target\":\"immediate\"}",
                "bootstrap.methods.example.command=" + program);

        key("rest.listen", "0.0.0.0", "10.0.0.1");
        key("rest.port", "8008", "18008");
        key("rest.connect-address", NONE, "10.0.0.9:8009");
        key("rest.username", NONE, "admin", "rest.password=x");
        key("rest.password", NONE, "x", "rest.username=admin");
        key("rest.password-file", NONE, secret, "rest.username=admin");
        key("rest.tls.cert-file", NONE, file, "rest.tls.key-file=" + secret);
        key("rest.tls.key-file", NONE, secret, "rest.tls.cert-file=" + file);
        key("rest.tls.ca-file", NONE, file);
        key(
                "rest.tls.verify-client",
                "none",
                "required",
                "rest.tls.ca-file=" + file,
                "rest.tls.cert-file=" + file,
                "rest.tls.key-file=" + secret);
        key("rest.allowlist", NONE, "10.0.0.0/8,fd00::/8");
        key("rest.allowlist-include-members", "false", "true");

        key("services.*.enabled", "true", "false");
        service("port", NONE, "6000");
        key("services.*.bind", NONE, "*:6000,/tmp/x.sock", "services.example.role=primary");
        service("mode", NONE, "pooled");
        key("services.*.role", NONE, "read-only", "services.example.port=6001");
        service("backup", NONE, "replica,offline");
        service("all-backups", "false", "true");
        service("target-port", NONE, "6432");
        service("max-lag", NONE, "16MB");
        service("balance", "roundrobin", "leastconn");
        service("max-connections", "5000", "100");
        service("max-queue", "128", "0");
        service("member-connections", "3000", "0");
        service("retries", "3", "0");
        service("connect-timeout", "3s", "500ms");
        service("queue-timeout", "30s", "5s");
        service("idle-timeout", "24h", "1h");
        service("slow-start", "0s", "30s");
        service("close-when-down", NONE, "false");
        service("close-backups-when-up", "false", "true");

        key("gateway.enabled", "true", "false");
        key("gateway.loops", NONE, "4");
        key("gateway.failover-timeout", "30s", "10s");
        key("gateway.drain-timeout", "1h", "5min");
        key("gateway.members.*.postgresql", NONE, "10.0.0.1:5432");
        String member = "gateway.members.example.postgresql=10.0.0.1:5432";
        key("gateway.members.*.rest", NONE, "10.0.0.1:8008", member);
        key("gateway.members.*.weight", "100", "7", member);
        key("gateway.members.*.offline", "false", "true", member);
        key("gateway.members.*.offline-query", "false", "true", member);
        key("gateway.check.inter", "2s", "3s");
        key("gateway.check.fast-inter", "1s", "500ms");
        key("gateway.check.down-inter", "2s", "4s");
        key("gateway.check.timeout", "3s", "1s");
        key("gateway.check.rise", "3", "2");
        key("gateway.check.fall", "3", "2");
        key("gateway.check.method", "options", "get");
        key("gateway.check.tls", "false", "true");
        key("gateway.check.verify", "full", "none");
        key("gateway.check.ca-file", NONE, "/etc/hostname");
        key("gateway.stats.listen", "0.0.0.0", "127.0.0.1");
        key("gateway.stats.port", "9101", "19101");
        key("gateway.stats.refresh", "30s", "5s");
        key("gateway.stats.socket", NONE, "/run/haproxy.sock");
        for (String login : List.of("gateway.stats.admin", "gateway.stats.reader")) {
            key(login + ".username", NONE, "operator", login + ".password=x");
            key(login + ".password", NONE, "x", login + ".username=operator");
            key(login + ".password-file", NONE, secret, login + ".username=operator");
        }

        key("pooler.enabled", "true", "false");
        key("pooler.listen", "*", "127.0.0.1,10.0.0.1");
        key("pooler.port", "6432", "16432");
        key("pooler.settings.*", NONE, "7");
        key("pooler.databases.*.*", NONE, "7");
        key("pooler.users.*.*", NONE, "7");
        key("pooler.hba", NONE, "host all all all md5");
        key("pooler.hba-file", NONE, file);

        key("backup.stanza", NONE, "main");
        key("backup.workers", NONE, "3");
        key("backup.throttle", NONE, "50MB");
        key("backup.lock-path", "/tmp/pgbackrest", "/run/pgbackrest");
        String repository = "backup.repositories.*.";
        key(repository + "path", "/var/lib/pgbackrest", "/backup");
        key(
                repository + "cipher.type",
                "none",
                "aes-256-cbc",
                "backup.repositories.1.cipher.pass=x");
        key(repository + "cipher.pass", NONE, "x", "backup.repositories.1.cipher.type=aes-256-cbc");
        key(
                repository + "cipher.pass-file",
                NONE,
                secret,
                "backup.repositories.1.cipher.type=aes-256-cbc");
        key(repository + "retention.full", NONE, "2");
        key(repository + "retention.full-type", "count", "time");
        key(repository + "retention.diff", NONE, "3");
        key(repository + "retention.archive", NONE, "4");
        key(repository + "retention.history", NONE, "0");
        key(
                repository + "retention.archive-type",
                "full",
                "incr",
                "backup.repositories.1.retention.archive=1");
        key(repository + "bundle.enabled", "true", "false");
        key(repository + "bundle.size", "20MB", "40MB");
        key(repository + "bundle.limit", "2MB", "1MB");
        key(repository + "block.enabled", "true", "false");
        for (String at : List.of("backup.repositories.*", "bootstrap.source.repository")) {
            s3(at, "type", "posix", "s3");
            s3(at, "s3.bucket", NONE, "backups");
            s3(at, "s3.endpoint", NONE, "https://10.0.0.9:9000");
            s3(at, "s3.region", NONE, "eu-central-1");
            s3(at, "s3.key", NONE, "x");
            s3(at, "s3.key-secret", NONE, "x");
            s3(at, "s3.key-secret-file", NONE, secret);
            s3(at, "s3.token", NONE, "x");
            s3(at, "s3.uri-style", "host", "path");
            s3(at, "s3.verify-tls", "true", "false");
            s3(at, "s3.ca-file", NONE, file);
            s3(at, "s3.port", NONE, "9000");
        }
        key("backup.compress.type", "zst", "lz4");
        key("backup.compress.level", NONE, "-3");
        key("backup.archive.workers", "2", "4");
        key("backup.archive.push-deadline", "1min", "10s");
        key("backup.archive.get-deadline", "1min", "10s");
        key("backup.archive.prefetch", "128MB", "0B");
        key("backup.schedule.enabled", "true", "false");
        key("backup.schedule.time-zone", "UTC", "Europe/Berlin");
        key("backup.schedule.full", NONE, "0 1 * * 0,3");
        key("backup.schedule.diff", NONE, "@daily");
        key("backup.schedule.incr", NONE, "0 */4 * * *; 30 12 * * mon-fri");
        key("backup.schedule.jitter", "10min", "0s");
        key("backup.schedule.window", NONE, "2h");
        key("backup.schedule.max-run-time", "24h", "6h");
        key("backup.schedule.retries", "3", "0");
        key("backup.schedule.catch-up-max-age", "24h", "1h");
        key("backup.schedule.place", "prefer-standby", "primary");
        key("backup.schedule.first-full", "true", "false");
        key("backup.schedule.hooks.before", NONE, "/bin/true");
        key("backup.schedule.hooks.after", NONE, "/bin/true");
        key("backup.schedule.hooks.on-failure", NONE, "/bin/true x");
        key("backup.schedule.hooks.timeout", "5min", "2min");

        key("log.level", "info", "debug");
        key("log.format", "text", "json");
        key("log.file", NONE, directory.resolve("pgnode.log").toString());
    }

    /** Of a repository that has what it needs otherwise. */
    private void s3(String at, String name, String defaultValue, String other) {
        String repository = at.replace("*", "1") + ".";
        Map<String, String> needed =
                new TreeMap<>(
                        Map.of(
                                "type", "s3",
                                "s3.bucket", "b",
                                "s3.endpoint", "e",
                                "s3.region", "r",
                                "s3.key", "k",
                                "s3.key-secret", "s"));
        needed.remove(name);
        if (name.equals("s3.key-secret-file")) {
            needed.remove("s3.key-secret");
        }
        Stream<String> companions =
                needed.entrySet().stream()
                        .map(entry -> repository + entry.getKey() + "=" + entry.getValue());
        if (at.startsWith(SOURCE)) {
            companions = Stream.concat(companions, USED_SOURCE.stream());
        }
        key(at + "." + name, defaultValue, other, companions.toArray(String[]::new));
    }

    /** Of a source that has what it needs otherwise. */
    private void source(String name, String defaultValue, String other, String... companions) {
        List<String> needed = new ArrayList<>(USED_SOURCE);
        if (name.equals("stanza")) {
            needed.remove(SOURCE + "stanza=main");
        }
        for (String companion : companions) {
            needed.add(SOURCE + companion);
        }
        key(SOURCE + name, defaultValue, other, needed.toArray(String[]::new));
    }

    /** Of a service that has what it needs otherwise. */
    private void service(String name, String defaultValue, String other) {
        if (name.equals("port")) {
            key("services.*.port", defaultValue, other, "services.example.role=primary");
        } else {
            key(
                    "services.*." + name,
                    defaultValue,
                    other,
                    "services.example.role=primary",
                    "services.example.port=6001");
        }
    }

    @Test
    void everyKeyIsListed() {
        assertThat(examples.keySet()).isEqualTo(Schema.leaves().keySet());
    }

    @Test
    void everyKeyHasItsDefault() throws Exception {
        PgnodeConfig config = load(Map.of());
        for (Map.Entry<String, Example> example : examples.entrySet()) {
            String key = example.getKey();
            if (!key.contains("*") && !List.of("cluster", "seq", "address").contains(key)) {
                assertThat(read(config, key)).as(key).isEqualTo(example.getValue().defaultValue());
            }
        }
    }

    @Test
    void everyKeyTakesAnotherValueFromTheEnvironment() throws Exception {
        for (Map.Entry<String, Example> example : examples.entrySet()) {
            String key =
                    example.getKey()
                            .replace("repositories.*", "repositories.1")
                            .replace("*", "example");
            Map<String, String> env = new HashMap<>();
            for (String companion : example.getValue().companions()) {
                String[] pair = companion.split("=", 2);
                env.put(EnvironmentKeys.variable(pair[0]), pair[1]);
            }
            env.put(EnvironmentKeys.variable(key), example.getValue().other());

            String read = read(load(env), key);

            boolean isSecret =
                    Objects.requireNonNull(Schema.leaves().get(example.getKey())).isSecret();
            assertThat(read).as(key).isEqualTo(isSecret ? Secret.MASK : example.getValue().other());
        }
    }

    private static PgnodeConfig load(Map<String, String> env) throws ConfigProblems {
        String text = "cluster: pg-test\nseq: 1\naddress: 10.0.0.1\n";
        return ConfigLoader.loadText("pgnode.yml", text, env).config();
    }

    private void key(String key, String defaultValue, String other, String... companions) {
        examples.put(key, new Example(defaultValue, other, List.of(companions)));
    }

    private String make(String name, String mode) throws IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, name);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        return file.toString();
    }

    /** The value as the mapped interfaces give it, written as in the file. */
    private static String read(Object config, String key) throws ReflectiveOperationException {
        Object at = config;
        for (String name : List.of(key.split("\\.", -1))) {
            if (at instanceof Map<?, ?> map) {
                at = Objects.requireNonNull(map.get(name), key);
            } else {
                Class<?> section = at.getClass();
                Method getter =
                        Stream.of(section.getMethods())
                                .filter(method -> Schema.kebab(method.getName()).equals(name))
                                .filter(method -> method.getParameterCount() == 0)
                                .findFirst()
                                .orElseThrow(() -> new AssertionError("no method for " + key));
                at = Objects.requireNonNull(getter.invoke(at), key);
            }
        }
        return text(at);
    }

    private static String text(Object value) {
        return switch (value) {
            case Optional<?> optional -> optional.map(ConfigKeysTest::text).orElse(NONE);
            case OptionalInt optional ->
                    optional.isPresent() ? Integer.toString(optional.getAsInt()) : NONE;
            case List<?> list -> String.join(",", list.stream().map(ConfigKeysTest::text).toList());
            case Duration duration -> Durations.print(duration);
            case Enum<?> constant -> ValueTypes.spelling(constant);
            default -> value.toString();
        };
    }
}
