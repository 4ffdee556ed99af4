package io.pgnode.gateway.stats;

import io.pgnode.gateway.route.core.AdminState;
import io.pgnode.gateway.route.core.CheckReport;
import io.pgnode.gateway.route.core.Condition;
import io.pgnode.gateway.route.core.ServerAdmin;
import io.pgnode.gateway.route.core.ServerStatus;
import io.pgnode.gateway.route.core.ServiceMode;
import io.pgnode.model.HostPort;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Two services with three members, which do what operators want. */
public final class FakeDesk implements Desk {
    final Map<String, ServerAdmin> admins = new LinkedHashMap<>();
    final List<String> killed = new ArrayList<>();
    final List<String> cleared = new ArrayList<>();
    int limit = 5000;

    static Counts counts(long sessions) {
        return new Counts(
                0,
                3,
                sessions,
                sessions + 7,
                1234 + sessions,
                5_678_901,
                98_765_432_100L,
                2,
                1,
                4,
                1,
                1300,
                1310,
                12,
                80,
                5,
                6,
                17,
                3,
                2,
                45_000,
                900,
                250,
                3_600_000);
    }

    private ServerReport server(
            String service, String name, boolean isBackup, Condition condition, CheckReport check) {
        ServerAdmin admin = admin(service, name);
        Condition shown = admin.health() == null ? condition : admin.health();
        ServerStatus status =
                admin.state() == AdminState.MAINT
                        ? ServerStatus.MAINT
                        : admin.state() == AdminState.DRAIN
                                ? ServerStatus.DRAIN
                                : shown == Condition.UP
                                        ? ServerStatus.UP
                                        : shown == Condition.DOUBTFUL
                                                ? ServerStatus.NOLB
                                                : ServerStatus.DOWN;
        HostPort address = admin.address();
        return new ServerReport(
                name,
                address == null ? new HostPort("10.10.10.11", 5432) : address,
                status,
                isBackup,
                admin.weight() < 0 ? 100 : admin.weight(),
                100,
                admin.connections() < 0 ? 3000 : admin.connections(),
                condition == Condition.UP ? "primary, epoch 12" : "is a standby",
                check,
                100,
                1,
                5400,
                33,
                counts(condition == Condition.UP ? 42 : 0));
    }

    @Override
    public ProcessReport process() {
        return new ProcessReport(
                "pg-test-1",
                "0.1.0",
                4711,
                2,
                1_700_000_000L,
                93_784,
                10_000,
                42,
                1276,
                12,
                80,
                2,
                30L << 20,
                128L << 20,
                98_765_432_100L,
                97);
    }

    @Override
    public List<ServiceReport> services() {
        CheckReport passed = new CheckReport("L7OK", 200, 2, "", 3, 3, 5, 0);
        CheckReport refused = new CheckReport("L7STS", 503, 3, "", 3, 3, 0, 3);
        return List.of(
                new ServiceReport(
                        "pg-test-default",
                        ServiceMode.TCP,
                        "*:5436",
                        "roundrobin",
                        true,
                        true,
                        limit,
                        128,
                        1,
                        5400,
                        33,
                        counts(42),
                        counts(42),
                        List.of(
                                server("pg-test-default", "pg-test-1", false, Condition.UP, passed),
                                server(
                                        "pg-test-default",
                                        "pg-test-2",
                                        false,
                                        Condition.DOWN,
                                        refused),
                                server(
                                        "pg-test-default",
                                        "pg-test-3",
                                        false,
                                        Condition.DOUBTFUL,
                                        CheckReport.NONE))),
                new ServiceReport(
                        "pg-test-offline",
                        ServiceMode.TCP,
                        "*:5438",
                        "leastconn",
                        true,
                        false,
                        5000,
                        128,
                        2,
                        61,
                        61,
                        counts(0),
                        counts(0),
                        List.of(
                                server(
                                        "pg-test-offline",
                                        "pg-test-3",
                                        true,
                                        Condition.DOWN,
                                        CheckReport.NONE))));
    }

    @Override
    public List<SessionReport> sessions(String service) {
        return List.of(
                new SessionReport(
                        "0x1",
                        "10.0.0.9:4242",
                        "pg-test-default",
                        "pg-test-1",
                        "RELAYING",
                        10,
                        1,
                        2,
                        3));
    }

    @Override
    public ServerAdmin admin(String service, String server) {
        return admins.getOrDefault(service + "/" + server, ServerAdmin.NONE);
    }

    @Override
    public void change(String service, String server, UnaryOperator<ServerAdmin> change) {
        admins.put(service + "/" + server, change.apply(admin(service, server)));
    }

    @Override
    public int closeSessions(String service, String server) {
        killed.add(service + "/" + server);
        return 42;
    }

    @Override
    public void limit(String service, int connections) {
        limit = connections;
    }

    @Override
    public void clear(boolean all) {
        cleared.add(all ? "all" : "max");
    }
}
