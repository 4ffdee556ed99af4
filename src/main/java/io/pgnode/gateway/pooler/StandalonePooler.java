package io.pgnode.gateway.pooler;

import io.netty.channel.ChannelFuture;
import io.netty.channel.unix.DomainSocketAddress;
import io.pgnode.gateway.pooler.console.PoolerMetrics;
import io.pgnode.gateway.pooler.core.PoolSettings;
import io.pgnode.gateway.pooler.ini.ConnectString;
import io.pgnode.gateway.pooler.ini.IniFile;
import io.pgnode.gateway.pooler.ini.IniProblem;
import io.pgnode.gateway.pooler.ini.UserList;
import io.pgnode.metrics.MetricSource;
import io.pgnode.net.EventLoops;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A pooler that runs from PgBouncer's files. */
public final class StandalonePooler implements AutoCloseable {
    private static final long SECOND = 1_000_000_000L;
    private static final int MAX_REWRITTEN = 16 << 20;

    private final Pooler pooler;
    private final MetricSource metrics;
    private final CountDownLatch ended;

    private StandalonePooler(Pooler pooler, MetricSource metrics, CountDownLatch ended) {
        this.pooler = pooler;
        this.metrics = metrics;
        this.ended = ended;
    }

    /** The pooler's numbers. */
    public MetricSource metrics() {
        return metrics;
    }

    /** Returns when an admin has shut the pooler down. */
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /** The files are wrong; nothing was started. */
    public static final class BadFiles extends Exception {
        private final List<IniProblem> problems;

        BadFiles(List<IniProblem> problems) {
            super(problems.toString());
            this.problems = List.copyOf(problems);
        }

        public List<IniProblem> problems() {
            return problems;
        }
    }

    /**
     * Reads the files and listens.
     *
     * @param loops event loops; one a core
     */
    public static StandalonePooler start(Path file, int loops, SecureRandom random)
            throws IOException, BadFiles {
        Reader reader = new Reader(file);
        Map<String, DatabaseSettings> databases = reader.databases();
        Secrets secrets = new Secrets(random);
        LoginRules rules = reader.rules(secrets);
        if (!reader.problems.isEmpty()) {
            throw new BadFiles(reader.problems);
        }
        Pooler pooler =
                new Pooler(
                        new EventLoops("pooler", loops),
                        new Limits(
                                Integer.MAX_VALUE,
                                MAX_REWRITTEN,
                                reader.number("max_prepared_statements", 200),
                                reader.text("server_reset_query", "DISCARD ALL"),
                                reader.timeouts()),
                        secrets,
                        rules,
                        reader.lookup(databases),
                        0);
        for (SocketAddress address : reader.addresses()) {
            ChannelFuture bound = pooler.listen(address).awaitUninterruptibly();
            if (!bound.isSuccess()) {
                pooler.close();
                throw new IOException(
                        "cannot listen on " + address + ": " + bound.cause().getMessage());
            }
        }
        CountDownLatch ended = new CountDownLatch(1);
        IniConsoleSetup setup = new IniConsoleSetup(file, reader.ini, ended::countDown);
        pooler.desk()
                .open(
                        setup,
                        () ->
                                databases.values().stream()
                                        .filter(database -> !database.name().equals("*"))
                                        .toList());
        return new StandalonePooler(pooler, new PoolerMetrics(pooler.desk(), setup), ended);
    }

    @Override
    public void close() {
        pooler.close();
    }

    private static final class Reader {
        final Path file;
        final IniFile ini;
        final Map<String, IniFile.Entry> global;
        final List<IniProblem> problems = new ArrayList<>();

        Reader(Path file) throws IOException {
            this.file = file;
            this.ini = IniFile.read(file);
            this.global = ini.section("pgbouncer");
            problems.addAll(ini.problems());
        }

        String text(String key, String otherwise) {
            IniFile.Entry entry = global.get(key);
            return entry == null ? otherwise : entry.value();
        }

        int number(String key, int otherwise) {
            IniFile.Entry entry = global.get(key);
            return entry == null ? otherwise : number(entry.value(), entry.where(), key, otherwise);
        }

        private int number(String value, String where, String key, int otherwise) {
            try {
                return Integer.parseInt(value.strip());
            } catch (NumberFormatException e) {
                problems.add(
                        new IniProblem(where, key + " is \"" + value + "\", not a number", ""));
                return otherwise;
            }
        }

        long nanos(String key, double otherwise) {
            IniFile.Entry entry = global.get(key);
            if (entry == null) {
                return (long) (otherwise * SECOND);
            }
            try {
                return (long) (Double.parseDouble(entry.value().strip()) * SECOND);
            } catch (NumberFormatException e) {
                problems.add(
                        new IniProblem(
                                entry.where(),
                                key + " is \"" + entry.value() + "\", not a number of seconds",
                                ""));
                return 0;
            }
        }

        ClientTimeouts timeouts() {
            return new ClientTimeouts(
                    Duration.ofNanos(nanos("query_timeout", 0)),
                    Duration.ofNanos(nanos("idle_transaction_timeout", 0)),
                    Duration.ofNanos(nanos("transaction_timeout", 0)),
                    Duration.ofNanos(nanos("client_idle_timeout", 0)),
                    Duration.ofNanos(nanos("query_wait_notify", 5)));
        }

        PoolMode mode(String value, String where) {
            return switch (value) {
                case "session" -> PoolMode.SESSION;
                case "transaction" -> PoolMode.TRANSACTION;
                case "statement" -> PoolMode.STATEMENT;
                default -> {
                    problems.add(
                            new IniProblem(
                                    where,
                                    "pool_mode is \"" + value + "\"",
                                    "known are session, transaction and statement"));
                    yield PoolMode.SESSION;
                }
            };
        }

        LoginRules rules(Secrets secrets) throws IOException {
            String type = text("auth_type", "md5");
            String listFile = text("auth_file", "");
            Map<String, String> known = Map.of();
            if (!listFile.isEmpty()) {
                UserList list = UserList.read(file.resolveSibling(listFile));
                problems.addAll(list.problems());
                known = list.secrets();
            }
            LoginRules.Method method =
                    switch (type) {
                        case "trust", "any" -> LoginRules.Method.TRUST;
                        case "plain" -> LoginRules.Method.PLAIN;
                        case "md5" -> LoginRules.Method.MD5;
                        case "scram-sha-256" -> LoginRules.Method.SCRAM;
                        default -> {
                            problems.add(
                                    new IniProblem(
                                            file.toString(),
                                            "auth_type is \"" + type + "\"",
                                            "known are trust, any, plain, md5 and scram-sha-256"));
                            yield LoginRules.Method.REJECT;
                        }
                    };
            return new FileLoginRules(method, type.equals("any"), known, secrets);
        }

        Map<String, DatabaseSettings> databases() {
            Map<String, DatabaseSettings> result = new HashMap<>();
            ini.section("databases")
                    .forEach(
                            (name, entry) -> {
                                Map<String, String> values =
                                        ConnectString.parse(entry.value()).orElse(null);
                                if (values == null) {
                                    problems.add(
                                            new IniProblem(
                                                    entry.where(),
                                                    "not a connect string: " + name,
                                                    "key=value pairs, values with blanks in"
                                                            + " single quotes"));
                                } else {
                                    result.put(name, database(name, values, entry.where()));
                                }
                            });
            return result;
        }

        private DatabaseSettings database(String name, Map<String, String> values, String where) {
            int port = number(values.getOrDefault("port", "5432"), where, "port", 5432);
            String password = values.get("password");
            return new DatabaseSettings(
                    name,
                    address(values.getOrDefault("host", ""), port),
                    values.getOrDefault("dbname", name),
                    values.getOrDefault("user", ""),
                    password == null ? new ServerSecret.None() : new ServerSecret.Plain(password),
                    mode(values.getOrDefault("pool_mode", text("pool_mode", "session")), where),
                    new PoolSettings(
                            Math.max(
                                    1,
                                    number(
                                            values.getOrDefault(
                                                    "pool_size", text("default_pool_size", "20")),
                                            where,
                                            "pool_size",
                                            20)),
                            number(
                                    values.getOrDefault(
                                            "min_pool_size", text("min_pool_size", "0")),
                                    where,
                                    "min_pool_size",
                                    0),
                            number(
                                    values.getOrDefault(
                                            "reserve_pool_size", text("reserve_pool_size", "0")),
                                    where,
                                    "reserve_pool_size",
                                    0),
                            nanos("reserve_pool_timeout", 5),
                            nanos("query_wait_timeout", 120),
                            30 * SECOND,
                            nanos("server_idle_timeout", 600),
                            nanos("server_lifetime", 3600)),
                    Duration.ofNanos(nanos("server_connect_timeout", 15)));
        }

        private static SocketAddress address(String host, int port) {
            if (host.isEmpty() || host.startsWith("/")) {
                String directory = host.isEmpty() ? "/var/run/postgresql" : host;
                return new DomainSocketAddress(directory + "/.s.PGSQL." + port);
            }
            return new InetSocketAddress(host, port);
        }

        /** A database that is not declared follows the entry {@code *}. */
        java.util.function.Function<String, @Nullable DatabaseSettings> lookup(
                Map<String, DatabaseSettings> declared) {
            DatabaseSettings template = declared.get("*");
            return name -> {
                DatabaseSettings found = declared.get(name);
                if (found != null || template == null) {
                    return found;
                }
                String database = template.database().equals("*") ? name : template.database();
                return new DatabaseSettings(
                        name,
                        template.address(),
                        database,
                        template.forcedUser(),
                        template.forcedSecret(),
                        template.mode(),
                        template.pool(),
                        template.connectLimit());
            };
        }

        List<SocketAddress> addresses() {
            List<SocketAddress> result = new ArrayList<>();
            int port = number("listen_port", 6432);
            for (String host : text("listen_addr", "").split(",", -1)) {
                String name = host.strip();
                if (!name.isEmpty()) {
                    result.add(
                            name.equals("*")
                                    ? new InetSocketAddress(port)
                                    : new InetSocketAddress(name, port));
                }
            }
            String socketDir = text("unix_socket_dir", "/tmp");
            if (!socketDir.isEmpty() && !socketDir.toLowerCase(Locale.ROOT).equals("none")) {
                result.add(new DomainSocketAddress(socketDir + "/.s.PGSQL." + port));
            }
            return result;
        }
    }
}
