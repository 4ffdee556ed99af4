package io.pgnode.gateway.pooler.console;

import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.SqlState;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Answers commands. Thread-safe; shared by all console sessions. */
public final class Console {
    private static final Logger LOG = Logger.getLogger(Console.class);

    /** PostgreSQL's object_not_in_prerequisite_state. */
    private static final String NOT_IN_STATE = "55000";

    private static final String HELP =
            """

            \tSHOW HELP|CONFIG|DATABASES|POOLS|CLIENTS|SERVERS|USERS|VERSION
            \tSHOW PEERS|PEER_POOLS
            \tSHOW SOCKETS|ACTIVE_SOCKETS|LISTS|MEM|STATE
            \tSHOW DNS_HOSTS|DNS_ZONES
            \tSHOW STATS|STATS_TOTALS|STATS_AVERAGES|TOTALS
            \tSHOW HISTOGRAMS|HOLDS
            \tEXPLAIN POOL [<db> [<user>]]
            \tSET key = arg
            \tRELOAD
            \tPAUSE [<db>]
            \tRESUME [<db>]
            \tHOLD [primary|local] [FOR <seconds>]
            \tRELEASE [primary|local]
            \tDISABLE <db>
            \tENABLE <db>
            \tRECONNECT [<db>]
            \tKILL [<db>]
            \tKILL_CLIENT <client_id>
            \tSHUTDOWN
            \tSHUTDOWN WAIT_FOR_SERVERS
            \tSHUTDOWN WAIT_FOR_CLIENTS
            \tWAIT_CLOSE [<db>]""";

    private final PoolerAdmin admin;
    private final ConsoleSetup setup;
    private final Ending ending;
    private final Executor blocking;

    /**
     * @param blocking runs what reads files
     */
    public Console(PoolerAdmin admin, ConsoleSetup setup, Ending ending, Executor blocking) {
        this.admin = admin;
        this.setup = setup;
        this.ending = ending;
        this.blocking = blocking;
    }

    /**
     * @param isAdmin and not only a stats user
     */
    Answer run(Command command, boolean isAdmin) {
        if (command.needsAdmin() && !isAdmin) {
            return failed(SqlState.INSUFFICIENT_PRIVILEGE, "admin access needed");
        }
        return switch (command) {
            case Command.Show show -> show(show.topic());
            case Command.Explain explain -> rows(Tables.explain(admin, explain), "EXPLAIN");
            case Command.ShowSetting setting ->
                    rows(Table.of(setting.columns()).row(setting.value()), "SHOW");
            case Command.Ignored ignored ->
                    ignored.withNotice()
                            ? new Answer.Done(
                                    ignored.tag(), List.of(ErrorMessage.notice("SET ignored")))
                            : done(ignored.tag());
            case Command.Nothing _ -> new Answer.Nothing();
            case Command.Act act -> act(act);
            case Command.HoldScope hold -> hold(hold);
            case Command.Release release ->
                    admin.release(release.scope())
                            ? logged("RELEASE", release.scope())
                            : noScope(release.scope());
            case Command.KillClient kill ->
                    admin.killClient(kill.id())
                            ? done("KILL_CLIENT")
                            : failed(NOT_IN_STATE, "client not found: " + kill.id());
            case Command.Reload _ -> reload();
            case Command.Set set -> set(set);
            case Command.End end -> end(end.how());
        };
    }

    private static Answer rows(Table table, String tag) {
        return new Answer.Rows(table, tag);
    }

    private static Answer done(String tag) {
        return new Answer.Done(tag, List.of());
    }

    private static Answer failed(String sqlState, String message) {
        return new Answer.Failed(ErrorMessage.error(sqlState, message));
    }

    // ---------------------------------------------------------------- SHOW

    private Answer show(Topic topic) {
        return switch (topic) {
            case HELP ->
                    new Answer.Done(
                            "SHOW",
                            List.of(
                                    new ErrorMessage(
                                            "NOTICE", "00000", "Console usage", HELP, "")));
            case CLIENTS, SERVERS, SOCKETS, ACTIVE_SOCKETS ->
                    new Answer.Later(
                            admin.sockets()
                                    .thenApply(
                                            sockets ->
                                                    rows(Tables.sockets(topic, sockets), "SHOW")));
            case STATS -> rows(Statistics.stats(admin), "SHOW");
            case STATS_TOTALS -> rows(Statistics.totalsTable(admin), "SHOW");
            case STATS_AVERAGES -> rows(Statistics.averagesTable(admin), "SHOW");
            case TOTALS -> rows(Statistics.sums(admin), "SHOW");
            case POOLS -> rows(Tables.pools(admin), "SHOW");
            case DATABASES -> rows(Tables.databases(admin), "SHOW");
            case USERS -> rows(Tables.users(admin), "SHOW");
            case LISTS -> rows(Tables.lists(admin), "SHOW");
            case CONFIG -> rows(Tables.config(setup.config()), "SHOW");
            case MEM -> rows(Tables.memory(admin), "SHOW");
            case STATE -> rows(Tables.state(admin), "SHOW");
            case HOLDS -> rows(Tables.holds(admin), "SHOW");
            case HISTOGRAMS -> rows(Tables.histograms(admin), "SHOW");
            case VERSION ->
                    rows(
                            Table.of(topic.columns()).row("PgBouncer " + CommandParser.VERSION),
                            "SHOW");
            case PEERS, PEER_POOLS, DNS_HOSTS, DNS_ZONES, EXPLAIN ->
                    rows(Table.of(topic.columns()), "SHOW");
        };
    }

    // ---------------------------------------------------------------- databases

    private Answer act(Command.Act act) {
        String database = act.database().isEmpty() ? null : act.database();
        if (database != null && database.equals(PoolerAdmin.CONSOLE)) {
            return failed(NOT_IN_STATE, "cannot " + ofAdmin(act.verb()) + " admin db: " + database);
        }
        if (database != null && !admin.knows(database)) {
            return failed(SqlState.INVALID_CATALOG_NAME, "no such database: " + database);
        }
        return switch (act.verb()) {
            case PAUSE -> pause(database);
            case RESUME -> resume(database);
            case DISABLE -> {
                admin.disable(act.database(), true);
                yield logged("DISABLE", database);
            }
            case ENABLE -> {
                admin.disable(act.database(), false);
                yield logged("ENABLE", database);
            }
            case RECONNECT -> {
                admin.reconnect(database);
                yield logged("RECONNECT", database);
            }
            case KILL -> {
                admin.kill(database);
                yield logged("KILL", database);
            }
            case WAIT_CLOSE ->
                    new Answer.Wait(
                            () -> !admin.isClosing(database),
                            () -> false,
                            done("WAIT_CLOSE"),
                            () -> {});
        };
    }

    private static String ofAdmin(Command.Verb verb) {
        return switch (verb) {
            case PAUSE -> "pause";
            case RESUME -> "resume";
            case DISABLE, ENABLE -> "disable";
            case RECONNECT -> "reconnect";
            case KILL -> "kill";
            case WAIT_CLOSE -> "wait in";
        };
    }

    private static Answer logged(String tag, @Nullable String database) {
        LOG.infof("%s command issued: db=%s", tag, database == null ? "*" : database);
        return done(tag);
    }

    private Answer pause(@Nullable String database) {
        if (admin.isPaused(null)) {
            return failed(NOT_IN_STATE, "already suspended/paused");
        }
        admin.pause(database);
        return new Answer.Wait(
                () -> admin.isReleased(database),
                () -> !admin.isPaused(database),
                logged("PAUSE", database),
                () -> admin.resume(database));
    }

    private Answer hold(Command.HoldScope hold) {
        CompletableFuture<?> done = admin.hold(hold.scope(), hold.limit());
        return done == null
                ? noScope(hold.scope())
                : new Answer.Later(done.thenApply(_ -> logged("HOLD", hold.scope())));
    }

    private static Answer noScope(String scope) {
        return failed(SqlState.SYNTAX_ERROR, "no such scope: " + scope + ", say primary or local");
    }

    private Answer resume(@Nullable String database) {
        if (database == null && ending.hasBegun()) {
            return failed(NOT_IN_STATE, "pooler is shutting down");
        }
        if (database == null && !admin.isPaused(null)) {
            return failed(NOT_IN_STATE, "pooler is not paused/suspended");
        }
        if (database != null && !admin.isPaused(database)) {
            return failed(NOT_IN_STATE, "database " + database + " is not paused");
        }
        admin.resume(database);
        return logged("RESUME", database);
    }

    // ---------------------------------------------------------------- configuration, the end

    private Answer reload() {
        return later(
                () -> {
                    List<String> problems = setup.reload();
                    return problems.isEmpty()
                            ? logged("RELOAD", null)
                            : new Answer.Failed(
                                    new ErrorMessage(
                                            "ERROR",
                                            SqlState.CONFIG_FILE_ERROR,
                                            "RELOAD failed, see logs for additional details",
                                            String.join("\n", problems),
                                            ""));
                });
    }

    private Answer set(Command.Set set) {
        return later(
                () -> {
                    List<String> problems = setup.set(set.key(), set.value());
                    return problems.isEmpty()
                            ? logged("SET", null)
                            : new Answer.Failed(
                                    new ErrorMessage(
                                            "ERROR",
                                            NOT_IN_STATE,
                                            "SET failed",
                                            String.join("\n", problems),
                                            ""));
                });
    }

    private Answer later(Supplier<Answer> work) {
        return new Answer.Later(CompletableFuture.supplyAsync(work, blocking));
    }

    private Answer end(Shutdown how) {
        LOG.infof("SHUTDOWN command issued: mode=%s", how);
        ending.begin(how);
        return done("SHUTDOWN");
    }
}
