package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.PoolSettings;
import io.pgnode.gateway.pooler.ini.PoolerIni;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All that a reload may change, as one value: a login goes by one of these from its beginning to
 * its end.
 *
 * @param databases what is known of a database by its name
 * @param users what is particular to users
 * @param accounts names of the operating system's users by their numbers, for peer logins
 */
record PoolerSetup(
        Limits limits,
        LoginRules rules,
        Function<String, @Nullable DatabaseSettings> databases,
        Map<String, PoolerIni.User> users,
        Clients clients,
        ClientTls tls,
        PoolerIni.Startup startup,
        Map<Integer, String> accounts) {
    /**
     * Limits and names of clients; zero of a most is none.
     *
     * @param most of all clients, the console's not counted
     * @param mostOfUser of one user
     * @param serversOfUser most servers of one role
     * @param loginLimit how long a login may take; zero for ever
     * @param notice for everybody who logs in; empty for none
     */
    record Clients(
            int most,
            int mostOfUser,
            int serversOfUser,
            Duration loginLimit,
            boolean areLogged,
            boolean areEndsLogged,
            boolean areErrorsLogged,
            Set<String> admins,
            Set<String> statisticians,
            String notice) {
        static final Clients UNLIMITED =
                new Clients(
                        Integer.MAX_VALUE,
                        0,
                        0,
                        Duration.ofSeconds(60),
                        true,
                        true,
                        true,
                        Set.of(),
                        Set.of(),
                        "");

        Clients {
            admins = Set.copyOf(admins);
            statisticians = Set.copyOf(statisticians);
        }
    }

    static final PoolerIni.Startup EVERY_PARAMETER =
            new PoolerIni.Startup(new TreeSet<>(), new TreeSet<>(), false);

    /** With nothing but logins and databases. */
    static PoolerSetup of(
            Limits limits,
            LoginRules rules,
            Function<String, @Nullable DatabaseSettings> databases) {
        return new PoolerSetup(
                limits,
                rules,
                databases,
                Map.of(),
                Clients.UNLIMITED,
                ClientTls.NONE,
                EVERY_PARAMETER,
                Map.of());
    }

    /** The user's own settings go before those of the database. */
    PoolMode mode(DatabaseSettings database, String user) {
        PoolerIni.User own = users.get(user);
        return own == null || own.poolMode() == null
                ? database.mode()
                : PoolMode.of(own.poolMode());
    }

    PoolSettings pool(DatabaseSettings database, String user) {
        PoolSettings pool = database.pool();
        PoolerIni.User own = users.get(user);
        if (own == null) {
            return pool;
        }
        return new PoolSettings(
                own.poolSize() == null ? pool.size() : size(own.poolSize()),
                pool.minimum(),
                own.reservePoolSize() == null ? pool.reserve() : own.reservePoolSize(),
                pool.reserveAfter(),
                own.queryWait() == null ? pool.waitLimit() : own.queryWait().toNanos(),
                pool.outageLimit(),
                pool.idleLimit(),
                pool.lifetime());
    }

    /** Zero means no limit. */
    static int size(int written) {
        int unlimited = 100_000;
        return written == 0 ? unlimited : written;
    }

    int serversOf(String user) {
        PoolerIni.User own = users.get(user);
        return own == null || own.maxServers() == null ? clients.serversOfUser() : own.maxServers();
    }

    /** Whether there may be anything to end. */
    boolean hasTimeouts() {
        return limits.timeouts().isNeeded() || !users.isEmpty();
    }

    /** The user's own time-outs go before those of everybody. */
    ClientTimeouts timeouts(String user) {
        PoolerIni.User own = users.get(user);
        return own == null ? limits.timeouts() : limits.timeouts().with(own);
    }

    int clientsOf(String user) {
        PoolerIni.User own = users.get(user);
        return own == null || own.maxClients() == null ? clients.mostOfUser() : own.maxClients();
    }
}
