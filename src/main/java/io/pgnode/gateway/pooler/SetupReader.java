package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.PoolSettings;
import io.pgnode.gateway.pooler.hba.Hba;
import io.pgnode.gateway.pooler.hba.HbaReader;
import io.pgnode.gateway.pooler.hba.IdentMap;
import io.pgnode.gateway.pooler.ini.IniProblem;
import io.pgnode.gateway.pooler.ini.PoolerIni;
import io.pgnode.gateway.pooler.ini.UserList;
import io.pgnode.net.TlsContext;
import io.pgnode.net.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes a setup of what pgbouncer.ini says and of the files that it names: user list, HBA file,
 * user name maps, certificates. Blocking; all that is wrong is reported at once.
 */
final class SetupReader {
    private static final int MAX_REWRITTEN = 16 << 20;
    private static final Duration OUTAGE = Duration.ofSeconds(30);
    private static final int MAX_UNDECLARED = 10_000;
    private static final Logger LOG = Logger.getLogger(SetupReader.class);
    private static final Path DESCRIPTOR_LIMIT = Path.of("/proc/self/limits");
    private static final String DESCRIPTOR_LINE = "Max open files";
    private static final Path HBA_LINES = Path.of("pooler.hba");
    private static final Path ACCOUNTS = Path.of("/etc/passwd");

    private final Path file;
    private final PoolerIni ini;
    private final List<IniProblem> problems = new ArrayList<>();

    private final @Nullable Own own;

    private SetupReader(Path file, PoolerIni ini, @Nullable Own own) {
        this.file = file;
        this.ini = ini;
        this.own = own;
    }

    /**
     * What stands in no file of PgBouncer's.
     *
     * @param hba lines of pg_hba.conf; empty to read the file that the ini names
     * @param roles the PostgreSQL that knows the roles
     * @param outage how long clients wait while no server can be opened
     */
    record Own(List<String> hba, Target roles, Duration outage) {
        Own {
            hba = List.copyOf(hba);
        }
    }

    /**
     * What a process has once.
     *
     * @param mockSeed see {@link FileLoginRules}
     * @param descriptors open files before there was any connection
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Means(
            AuthQuery query, Executor workers, Secrets secrets, byte[] mockSeed, int descriptors) {}

    /**
     * @param file the ini file; others are looked for beside it
     */
    static PoolerSetup read(Path file, PoolerIni ini, Means means) throws PoolerIni.Wrong {
        return new SetupReader(file, ini, null).read(means);
    }

    /** The same for an ini that stands in another file. */
    static PoolerSetup read(Path file, PoolerIni ini, Own own, Means means) throws PoolerIni.Wrong {
        return new SetupReader(file, ini, own).read(means);
    }

    /** What is wrong with the files that the ini names. */
    static List<IniProblem> problems(Path file, PoolerIni ini, Own own) {
        SetupReader reader = new SetupReader(file, ini, own);
        Map<String, String> secrets = reader.secrets();
        reader.loginFiles(secrets);
        reader.clientTls();
        reader.serverTls();
        return List.copyOf(reader.problems);
    }

    private PoolerSetup read(Means means) throws PoolerIni.Wrong {
        Map<String, String> secrets = secrets();
        FileLoginRules.Files files = loginFiles(secrets);
        ClientTls clientTls = clientTls();
        Function<String, @Nullable DatabaseSettings> databases = databases(serverTls(), secrets);
        if (!problems.isEmpty()) {
            throw new PoolerIni.Wrong(problems);
        }
        return new PoolerSetup(
                new Limits(
                        ini.listening().maxPacket(),
                        MAX_REWRITTEN,
                        ini.sizes().maxPrepared(),
                        care(),
                        timeouts()),
                new FileLoginRules(
                        files,
                        databases,
                        means.query(),
                        means.workers(),
                        means.secrets(),
                        means.mockSeed()),
                databases,
                ini.users(),
                clients(means),
                clientTls,
                ini.startup(),
                accounts());
    }

    private Path beside(String name) {
        return file.toAbsolutePath().resolveSibling(name);
    }

    private ServerCare care() {
        PoolerIni.Health health = ini.health();
        return new ServerCare(
                health.resetQuery(),
                health.isResetAlways(),
                ServerCare.checkQuery(health.checkQuery()),
                health.checkDelay(),
                health.isClosedFast(),
                ini.times().cancelWait(),
                new PoolLife(
                        health.poolIdleLimit(),
                        health.undeclaredIdleLimit(),
                        name ->
                                ini.databases().containsKey("*")
                                        && !ini.databases().containsKey(name)));
    }

    private ClientTimeouts timeouts() {
        PoolerIni.Times times = ini.times();
        return new ClientTimeouts(
                times.query(),
                times.idleTransaction(),
                times.transaction(),
                times.clientIdle(),
                times.queryWaitNotice());
    }

    private PoolerSetup.Clients clients(Means means) {
        PoolerIni.Sizes sizes = ini.sizes();
        int room = roomForClients(means.descriptors());
        if (room < sizes.maxClients()) {
            LOG.warnf(
                    "max_client_conn is %d, but there are file descriptors for %d clients only;"
                            + " HINT: raise LimitNOFILE of the unit, or ulimit -n",
                    sizes.maxClients(), room);
        }
        return new PoolerSetup.Clients(
                Math.min(room, sizes.maxClients()),
                sizes.maxUserClients(),
                sizes.maxUserServers(),
                ini.times().login(),
                ini.logged().connections(),
                ini.logged().disconnections(),
                ini.logged().errors(),
                new HashSet<>(ini.auth().admins()),
                new HashSet<>(ini.auth().statisticians()),
                ini.auth().notifyMessage());
    }

    /**
     * Of the descriptors that the process may still have, a quarter is kept for servers and files,
     * and some for clients that are only told that there are too many.
     */
    private static int roomForClients(int open) {
        try {
            for (String line : Files.readAllLines(DESCRIPTOR_LIMIT)) {
                if (line.startsWith(DESCRIPTOR_LINE)) {
                    String soft =
                            line.substring(DESCRIPTOR_LINE.length()).strip().split(" +", 2)[0];
                    return soft.matches("[0-9]{1,9}")
                            ? Math.max(
                                    1, (Integer.parseInt(soft) - open) / 4 * 3 - ClientLogin.SPARE)
                            : Integer.MAX_VALUE;
                }
            }
        } catch (IOException _) {
            // Then the first client too many finds out.
        }
        return Integer.MAX_VALUE;
    }

    // ---------------------------------------------------------------- logins

    private Map<String, String> secrets() {
        String name = ini.auth().file();
        if (name.isEmpty()) {
            return Map.of();
        }
        try {
            UserList list = UserList.read(beside(name));
            problems.addAll(list.problems());
            return list.secrets();
        } catch (IOException e) {
            problems.add(cannotRead(beside(name), "auth_file"));
            return Map.of();
        }
    }

    private static IniProblem cannotRead(Path path, String key) {
        return new IniProblem(
                path.toString(), "cannot be read", "it is named by " + key + "; see its mode");
    }

    private FileLoginRules.Files loginFiles(Map<String, String> secrets) {
        PoolerIni.Auth auth = ini.auth();
        LoginRules.Method method =
                switch (auth.type()) {
                    case "any", "trust" -> LoginRules.Method.TRUST;
                    case "plain" -> LoginRules.Method.PLAIN;
                    case "md5" -> LoginRules.Method.MD5;
                    case "cert" -> LoginRules.Method.CERT;
                    case "hba" -> null;
                    default -> LoginRules.Method.SCRAM;
                };
        Hba hba = new Hba(List.of());
        Own ours = own;
        if (ours != null && !ours.hba().isEmpty()) {
            hba = HbaReader.parse(ours.hba(), HBA_LINES, problems);
        } else if (!auth.hbaFile().isEmpty() && method == null) {
            hba = HbaReader.read(beside(auth.hbaFile()), problems);
        }
        IdentMap maps =
                auth.identFile().isEmpty()
                        ? IdentMap.none()
                        : IdentMap.read(beside(auth.identFile()), problems);
        checkTls(method);
        return new FileLoginRules.Files(
                method,
                hba,
                maps,
                auth.type().equals("any"),
                secrets,
                ours == null ? null : ours.roles(),
                auth.database(),
                auth.scramIterations());
    }

    private void checkTls(LoginRules.@Nullable Method method) {
        if (method == LoginRules.Method.CERT && !ini.clientTls().mode().startsWith("verify")) {
            problems.add(
                    new IniProblem(
                            file.toString(),
                            "auth_type is cert, but client_tls_sslmode is "
                                    + ini.clientTls().mode(),
                            "set client_tls_sslmode to verify-full"));
        }
        if (ini.auth().type().equals("any")) {
            ini.databases()
                    .forEach(
                            (name, database) -> {
                                if (database.user().isEmpty()) {
                                    problems.add(
                                            new IniProblem(
                                                    file.toString(),
                                                    "auth_type is any, but database "
                                                            + name
                                                            + " has no user",
                                                    "give it user=NAME"));
                                }
                            });
        }
    }

    /** Numbers and names of the host's own users. */
    private static Map<Integer, String> accounts() {
        Map<Integer, String> result = new HashMap<>();
        try {
            for (String line : Files.readAllLines(ACCOUNTS)) {
                String[] fields = line.split(":", -1);
                if (fields.length > 2 && fields[2].matches("[0-9]{1,9}")) {
                    result.putIfAbsent(Integer.parseInt(fields[2]), fields[0]);
                }
            }
        } catch (IOException e) {
            // Peer logins are refused then, and say so.
            return Map.of();
        }
        return result;
    }

    // ---------------------------------------------------------------- TLS

    private ClientTls clientTls() {
        PoolerIni.Tls tls = ini.clientTls();
        if (!tls.isOn()) {
            return ClientTls.NONE;
        }
        boolean isVerified = tls.mode().startsWith("verify");
        TlsContext.ClientCertificate certificate =
                isVerified
                        ? TlsContext.ClientCertificate.REQUIRED
                        : tls.authorityFile().isEmpty()
                                ? TlsContext.ClientCertificate.NONE
                                : TlsContext.ClientCertificate.WELCOME;
        TlsContext context = context(tls, !tls.authorityFile().isEmpty());
        return context == null
                ? ClientTls.NONE
                : new ClientTls(context, isVerified || tls.mode().equals("require"), certificate);
    }

    private ServerTls serverTls() {
        PoolerIni.Tls tls = ini.serverTls();
        ServerTls.Mode mode = ServerTls.mode(tls.mode());
        if (mode == ServerTls.Mode.OFF) {
            return ServerTls.NONE;
        }
        TlsContext context = context(tls, tls.mode().startsWith("verify"));
        return context == null ? ServerTls.NONE : new ServerTls(mode, context);
    }

    private @Nullable TlsContext context(PoolerIni.Tls tls, boolean isVerified) {
        try {
            return TlsContext.read(
                    new TlsFiles(
                            tls.keyFile().isEmpty() ? null : beside(tls.keyFile()),
                            tls.certificateFile().isEmpty() ? null : beside(tls.certificateFile()),
                            isVerified ? beside(tls.authorityFile()) : null,
                            tls.protocols(),
                            tls.ciphers()));
        } catch (IOException e) {
            problems.add(new IniProblem(file.toString(), String.valueOf(e.getMessage()), ""));
            return null;
        }
    }

    // ---------------------------------------------------------------- databases

    private Function<String, @Nullable DatabaseSettings> databases(
            ServerTls tls, Map<String, String> secrets) {
        Map<String, DatabaseSettings> declared = new HashMap<>();
        ini.databases()
                .forEach((name, line) -> declared.put(name, database(line, name, tls, secrets)));
        PoolerIni.Database template = ini.databases().get("*");
        DatabaseSettings pattern = declared.remove("*");
        Map<String, DatabaseSettings> undeclared = new ConcurrentHashMap<>();
        return name -> {
            DatabaseSettings found = declared.get(name);
            if (found != null || template == null || pattern == null) {
                return found;
            }
            if (name.equals(AdminDoor.CONSOLE)) {
                return null;
            }
            if (undeclared.size() >= MAX_UNDECLARED) {
                undeclared.clear();
            }
            return undeclared.computeIfAbsent(name, wanted -> named(pattern, wanted));
        };
    }

    /** The databases that the file names; its template is not among them. */
    static List<DatabaseSettings> declared(PoolerSetup setup, PoolerIni ini) {
        List<DatabaseSettings> result = new ArrayList<>();
        for (String name : ini.databases().keySet()) {
            DatabaseSettings database = name.equals("*") ? null : setup.databases().apply(name);
            if (database != null) {
                result.add(database);
            }
        }
        return result;
    }

    private static DatabaseSettings named(DatabaseSettings pattern, String name) {
        return new DatabaseSettings(
                name,
                pattern.addresses(),
                pattern.tls(),
                pattern.database().isEmpty() ? name : pattern.database(),
                pattern.forcedUser(),
                pattern.forcedSecret(),
                pattern.mode(),
                pattern.pool(),
                pattern.auth(),
                pattern.settings(),
                pattern.connectQuery(),
                pattern.maxServers(),
                pattern.maxClients(),
                pattern.connectLimit());
    }

    private DatabaseSettings database(
            PoolerIni.Database line, String name, ServerTls tls, Map<String, String> secrets) {
        ServerAddresses addresses =
                new ServerAddresses(line.hosts(), line.port(), line.isBalanced());
        addresses.refresh();
        ServerSecret forced =
                line.password() == null
                        ? ServerSecret.of(secrets.get(line.user()))
                        : ServerSecret.of(line.password());
        return new DatabaseSettings(
                name,
                addresses,
                tls,
                line.database(),
                line.user(),
                line.user().isEmpty() ? new ServerSecret.None() : forced,
                PoolMode.of(line.poolMode()),
                pool(line),
                new DatabaseSettings.Auth(line.authUser(), line.authQuery(), line.authDatabase()),
                line.settings(),
                line.connectQuery(),
                line.maxServers(),
                line.maxClients(),
                ini.health().connectLimit());
    }

    private PoolSettings pool(PoolerIni.Database line) {
        return new PoolSettings(
                PoolerSetup.size(line.poolSize()),
                line.minPoolSize(),
                line.reservePoolSize(),
                ini.sizes().reserveAfter().toNanos(),
                line.queryWait().toNanos(),
                (own == null ? OUTAGE : own.outage()).toNanos(),
                ini.health().idleLimit().toNanos(),
                line.lifetime().toNanos());
    }
}
