package io.pgnode.gateway.pooler.ini;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * A pgbouncer.ini that was found right. Names of files are as written there.
 *
 * @param values every key of {@code [pgbouncer]} as it is in force, for SHOW CONFIG
 * @param databases by name, {@code *} being the template of those that are not declared
 * @param users by name
 * @param peers by number
 * @param warnings keys that cannot be honoured, one line each
 */
public record PoolerIni(
        Map<String, String> values,
        Listening listening,
        Sizes sizes,
        Auth auth,
        Health health,
        Times times,
        Tls clientTls,
        Tls serverTls,
        Logged logged,
        Startup startup,
        Map<String, Database> databases,
        Map<String, User> users,
        Map<Integer, Peer> peers,
        List<IniProblem> warnings) {
    public PoolerIni {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        databases = Collections.unmodifiableMap(new LinkedHashMap<>(databases));
        users = Collections.unmodifiableMap(new LinkedHashMap<>(users));
        peers = Collections.unmodifiableMap(new LinkedHashMap<>(peers));
        warnings = List.copyOf(warnings);
    }

    /** All problems of a file. */
    public static final class Wrong extends Exception {
        private final List<IniProblem> problems;

        public Wrong(List<IniProblem> problems) {
            super(problems.size() + " problems", null, false, false);
            this.problems = List.copyOf(problems);
        }

        public List<IniProblem> problems() {
            return problems;
        }
    }

    /**
     * Where clients come in, and as whom the process runs.
     *
     * @param addresses host names and addresses; {@code *} for all
     * @param socketDir empty for no unix socket; abstract when it begins with @
     * @param socketMode permission bits
     * @param maxPacket largest length of a message
     * @param isShared other poolers may listen on the port, too
     * @param isDeferred clients that say nothing are not accepted yet
     */
    public record Listening(
            List<String> addresses,
            int port,
            String socketDir,
            int socketMode,
            String pidFile,
            String runAs,
            int maxPacket,
            boolean isShared,
            boolean isDeferred) {
        public Listening {
            addresses = List.copyOf(addresses);
        }
    }

    /** Limits; zero of a most is none. */
    public record Sizes(
            int maxClients,
            int poolSize,
            int minPoolSize,
            int reservePoolSize,
            Duration reserveAfter,
            int maxDatabaseServers,
            int maxDatabaseClients,
            int maxUserServers,
            int maxUserClients,
            int maxPrepared) {}

    /**
     * How clients prove who they are.
     *
     * @param type any, trust, plain, md5, scram-sha-256, cert or hba
     */
    public record Auth(
            String type,
            String file,
            String hbaFile,
            String identFile,
            String query,
            String user,
            String database,
            int scramIterations,
            String notifyMessage,
            List<String> admins,
            List<String> statisticians) {
        public Auth {
            admins = List.copyOf(admins);
            statisticians = List.copyOf(statisticians);
        }
    }

    /** How servers are kept. Zero of a time is never. */
    public record Health(
            String resetQuery,
            boolean isResetAlways,
            Duration checkDelay,
            String checkQuery,
            Duration lifetime,
            Duration idleLimit,
            Duration connectLimit,
            boolean isClosedFast,
            Duration poolIdleLimit,
            Duration undeclaredIdleLimit,
            Duration dnsLife) {}

    /** Time-outs of clients; zero is never. */
    public record Times(
            Duration login,
            Duration clientIdle,
            Duration idleTransaction,
            Duration transaction,
            Duration query,
            Duration queryWait,
            Duration queryWaitNotice,
            Duration cancelWait) {}

    /**
     * @param mode disable, allow, prefer, require, verify-ca or verify-full
     * @param protocols TLSv1.2 and TLSv1.3, or one of them
     * @param ciphers in the names of RFC 8446 and the IANA; empty for the runtime's own
     */
    public record Tls(
            String mode,
            String keyFile,
            String certificateFile,
            String authorityFile,
            List<String> protocols,
            List<String> ciphers) {
        public Tls {
            protocols = List.copyOf(protocols);
            ciphers = List.copyOf(ciphers);
        }

        /** Whether there is TLS at all. */
        public boolean isOn() {
            return !mode.equals("disable");
        }
    }

    public record Logged(
            String file,
            boolean connections,
            boolean disconnections,
            boolean errors,
            boolean statistics,
            Duration period,
            int verbosity) {}

    /**
     * What clients ask for at their login.
     *
     * @param ignored parameters that are accepted and not applied; names in any case
     * @param tracked parameters that follow a client beyond the usual ones
     */
    public record Startup(
            SortedSet<String> ignored, SortedSet<String> tracked, boolean isHostAddedToName) {}

    /**
     * A database that clients may ask for; what it does not say itself is the global value.
     *
     * @param hosts names, addresses or socket directories; empty for the default socket
     * @param database name on the server; empty for the name that the client gave
     * @param user as whom all servers are opened; empty for the client's own role
     * @param password of that role; null when none is given
     * @param settings of each server at its login
     */
    public record Database(
            String name,
            List<String> hosts,
            int port,
            String database,
            String user,
            @Nullable String password,
            String authUser,
            String authQuery,
            String authDatabase,
            int poolSize,
            int minPoolSize,
            int reservePoolSize,
            String connectQuery,
            String poolMode,
            Duration queryWait,
            boolean isBalanced,
            int maxServers,
            int maxClients,
            Duration lifetime,
            Map<String, String> settings) {
        public Database {
            hosts = List.copyOf(hosts);
            settings = Map.copyOf(settings);
        }

        /** Without the password. */
        @Override
        public String toString() {
            return "Database[" + name + "]";
        }
    }

    /** What is particular to a user; null is "as for everybody", of the database or globally. */
    public record User(
            String name,
            @Nullable Integer poolSize,
            @Nullable Integer reservePoolSize,
            @Nullable String poolMode,
            @Nullable Integer maxServers,
            @Nullable Integer maxClients,
            @Nullable Duration query,
            @Nullable Duration queryWait,
            @Nullable Duration idleTransaction,
            @Nullable Duration transaction,
            @Nullable Duration clientIdle) {}

    public record Peer(int id, String host, int port, int poolSize) {}
}
