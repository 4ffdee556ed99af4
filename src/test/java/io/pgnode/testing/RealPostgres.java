package io.pgnode.testing;

import io.pgnode.model.HostPort;
import io.pgnode.postgres.Credentials;
import io.pgnode.postgres.PostgresBinaries;
import io.pgnode.postgres.PostgresException;
import io.pgnode.postgres.PostgresInstance;
import io.pgnode.postgres.PostgresSettings;
import io.pgnode.postgres.StartResult;
import io.pgnode.postgres.StopMode;
import io.pgnode.postgres.Upstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL instance of a test: a directory of its own, a random port, control through
 * {@link PostgresInstance}. Closing kills the server and deletes the directory.
 */
public final class RealPostgres implements AutoCloseable {
    public static final Duration LIMIT = Duration.ofSeconds(30);
    public static final Credentials SUPERUSER = new Credentials("postgres", "super'secret\\1");
    public static final Credentials REPLICATION = new Credentials("replicator", "re:pl\\ica");
    public static final Credentials REWIND = new Credentials("rewind_user", "rewind pw");

    private final Path root;
    private final PostgresSettings settings;
    private PostgresInstance instance;

    private RealPostgres(Path root, PostgresSettings settings) {
        this.root = root;
        this.settings = settings;
        this.instance = newAgent();
    }

    public static RealPostgres create(String name) {
        return create(name, UnaryOperator.identity());
    }

    /** With changed settings. */
    public static RealPostgres create(String name, UnaryOperator<PostgresSettings> change) {
        try {
            Path root = Files.createTempDirectory("pgnode-" + name + "-");
            return new RealPostgres(root, change.apply(settings(root, name, freePort())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static PostgresSettings settings(Path root, String name, int port) {
        return new PostgresSettings(
                binDir(),
                root.resolve("data"),
                null,
                root.resolve("run"),
                root.resolve("postgresql.log"),
                "127.0.0.1",
                port,
                root,
                new HostPort("127.0.0.1", port),
                "test",
                name,
                System.getProperty("user.name"),
                SUPERUSER,
                REPLICATION,
                REWIND,
                Map.of("sslmode", "disable"),
                Map.of("shared_buffers", "16MB", "fsync", "off"),
                List.of(),
                List.of(),
                null,
                "",
                List.of("--encoding=UTF8", "--data-checksums", "--no-sync"),
                List.of("--no-sync"),
                null,
                List.of(),
                List.of(),
                "",
                -1,
                PostgresSettings.Timeouts.DEFAULT);
    }

    public static Path binDir() {
        try {
            return PostgresBinaries.find(System.getenv().getOrDefault("PATH", ""));
        } catch (PostgresException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The programs of a version, where there are some: see packaging/bin/need-later. */
    public static Optional<Path> binDir(int version) {
        String programs = "usr/lib/postgresql/" + version + "/bin";
        String unpacked = "pgnode/postgresql-" + version;
        return Stream.of(
                        "/",
                        "/var/cache/" + unpacked,
                        System.getenv("TESTS_CACHE") + "/" + unpacked)
                .map(root -> Path.of(root, programs))
                .filter(PostgresBinaries::isBinDir)
                .findFirst();
    }

    /**
     * A running primary with its roles: a copy of one that was made once. All such clusters have
     * the same system identifier.
     */
    public RealPostgres bootstrap() throws PostgresException {
        copy(Template.MADE.data, settings.dataDir());
        startPrimary();
        return this;
    }

    /** As {@link #bootstrap}, by an initdb of its own. */
    public RealPostgres bootstrapAnew() throws PostgresException {
        instance.initdb();
        startPrimary();
        instance.createRoles();
        return this;
    }

    /** Made when first used, deleted at the end of the JVM. */
    private static final class Template {
        static final Template MADE = new Template();

        private final Path data;

        private Template() {
            RealPostgres made = create("template");
            Runtime.getRuntime().addShutdownHook(new Thread(made::close));
            this.data = made.settings.dataDir();
            try {
                made.bootstrapAnew();
                made.instance.stop(StopMode.FAST, LIMIT);
            } catch (PostgresException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        to.resolve(from.relativize(file)),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void startPrimary() throws PostgresException {
        mustStart(instance.start(false, null, LIMIT));
    }

    /** A standby of {@code primary}, cloned and streaming from it. */
    public RealPostgres cloneOf(RealPostgres primary) throws PostgresException {
        primary.instance.createSlot(slot());
        instance.cloneFrom(primary.asUpstreamOf(this), _ -> {});
        startStandbyOf(primary);
        return this;
    }

    public void startStandbyOf(@Nullable RealPostgres primary) throws PostgresException {
        mustStart(instance.start(true, primary == null ? null : primary.asUpstreamOf(this), LIMIT));
    }

    /** This instance as the one that {@code standby} follows. */
    public Upstream asUpstreamOf(RealPostgres standby) {
        return new Upstream(settings.memberName(), settings.connectAddress(), standby.slot());
    }

    public String slot() {
        return settings.memberName().replace('-', '_');
    }

    public PostgresInstance instance() {
        return instance;
    }

    public PostgresSettings settings() {
        return settings;
    }

    public Path root() {
        return root;
    }

    /** As after a restart of the agent: forgets the process, which goes on. */
    public PostgresInstance restartAgent() {
        instance.close();
        instance = newAgent();
        return instance;
    }

    private PostgresInstance newAgent() {
        return new PostgresInstance(settings, System::nanoTime, InstantSource.system());
    }

    /** Runs a statement as superuser over TCP and returns its first value, null for none. */
    public @Nullable String sql(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return null;
            }
            try (ResultSet rows = statement.getResultSet()) {
                return rows.next() ? rows.getString(1) : null;
            }
        }
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://"
                        + settings.connectAddress()
                        + "/postgres?sslmode=disable&connectTimeout=5&socketTimeout=20",
                SUPERUSER.user(),
                SUPERUSER.password());
    }

    private static void mustStart(StartResult result) {
        if (!result.isStarted()) {
            throw new IllegalStateException("server did not start: " + result);
        }
    }

    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        instance.adopt();
        instance.kill();
        instance.close();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
