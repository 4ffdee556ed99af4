package io.pgnode.sim;

import io.pgnode.agent.HaLoop;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.model.MemberName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What goes wrong, and what operators do meanwhile, drawn at random.
 *
 * <p>Excluded because nothing in the product could keep the promise: an agent stopped or dead while
 * its supervisor is dead too, and a failover that an operator forces while a paused primary cannot
 * be asked.
 */
final class Faults {
    private static final long SECOND = 1_000_000_000L;

    /** See {@link Rules#favouriteFault}. */
    static final int SLOW_LINK = 17;

    private final SimCluster cluster;
    private final World world;
    private final Random random;
    private final Map<MemberName, Integer> troubled = new HashMap<>();
    private final Map<MemberName, Integer> unguarded = new HashMap<>();
    private int active;
    private boolean quiet;
    private boolean over;

    Faults(SimCluster cluster) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.random = world.chance("faults");
    }

    /** Begins once the cluster has been created. */
    void start() {
        ClusterView view = cluster.dcs().view();
        if (view.initialize() == null || view.initialize().isBootstrapping()) {
            world.after(SECOND, "fault", this::start);
        } else {
            next(0);
            testPromises();
        }
    }

    /** No new faults; those under way end by themselves or by {@link #healAll}. */
    void end() {
        over = true;
    }

    private void next(long minNanos) {
        world.after(
                minNanos + (long) (random.nextDouble() * random.nextDouble() * 15 * SECOND),
                "fault",
                () -> {
                    if (!over) {
                        if (!quiet) {
                            one();
                        }
                        next(0);
                    }
                });
    }

    private void one() {
        SimNode node = anyNode();
        int favourite = cluster.rules().favouriteFault();
        int kind = favourite >= 0 && random.nextBoolean() ? favourite : random.nextInt(19);
        switch (kind) {
            case 0, 1 -> cut(node.name().value(), SimDcs.HOST);
            case 2 -> cut(node.name().value(), anyNode().name().value());
            case 3 -> isolate(node, howLong());
            case 4, 5 -> crashPostmaster(node);
            case 6, 7 -> killAgent(node);
            case 8, 9 -> stallAgent(node);
            case 10, 11 -> powerOff(node);
            case 12 -> storeDown();
            case 13 -> fillDisk(node);
            case 14 -> killSupervisor(node);
            case 15 -> operate();
            case 16 -> configure();
            case SLOW_LINK -> slowThenCut(node);
            default -> pauseOrStop(node);
        }
    }

    private SimNode anyNode() {
        List<SimNode> nodes = new ArrayList<>(cluster.nodes());
        SimNode primary = cluster.primary();
        return primary != null && random.nextBoolean()
                ? primary
                : nodes.get(random.nextInt(nodes.size()));
    }

    /** Mostly shorter than two leases, sometimes much longer. */
    private long howLong() {
        double size = random.nextDouble();
        return (long) ((0.05 + size * size * (random.nextInt(5) == 0 ? 60 : 14)) * SECOND);
    }

    private void during(String what, long nanos, Runnable begin, Runnable end) {
        world.trace("fault: " + what + " for " + nanos / 1_000_000 + " ms");
        active++;
        begin.run();
        world.after(
                nanos,
                "fault",
                () -> {
                    world.trace("fault ends: " + what);
                    active--;
                    end.run();
                });
    }

    private static void count(Map<MemberName, Integer> map, SimNode node, int by) {
        map.merge(node.name(), by, Integer::sum);
    }

    private static boolean isFree(Map<MemberName, Integer> map, SimNode node) {
        return map.getOrDefault(node.name(), 0) == 0;
    }

    // ---------------------------------------------------------------- the network and the store

    private void cut(String a, String b) {
        if (a.equals(b)) {
            return;
        }
        int direction = random.nextInt(4);
        during(
                "cut " + a + (direction == 0 ? " > " : direction == 1 ? " < " : " <> ") + b,
                howLong(),
                () -> {
                    if (direction != 1) {
                        cluster.network().cut(a, b);
                    }
                    if (direction != 0) {
                        cluster.network().cut(b, a);
                    }
                },
                () -> {
                    cluster.network().heal(a, b);
                    cluster.network().heal(b, a);
                });
    }

    /** A link to the store that is congested in one direction, and sometimes breaks then. */
    private void slowThenCut(SimNode node) {
        String name = node.name().value();
        boolean replies = random.nextBoolean();
        String from = replies ? SimDcs.HOST : name;
        String to = replies ? name : SimDcs.HOST;
        boolean breaks = random.nextInt(4) != 0;
        during(
                "slow " + from + " > " + to,
                howLong(),
                () -> cluster.network().slow(from, to, 3 * SECOND),
                () -> {
                    cluster.network().slow(from, to, 0);
                    if (breaks && !over) {
                        isolate(node, 5 * SECOND + howLong());
                    }
                });
    }

    private void isolate(SimNode node, long nanos) {
        String name = node.name().value();
        List<String> others = new ArrayList<>(List.of(SimDcs.HOST));
        cluster.nodes().forEach(other -> others.add(other.name().value()));
        others.remove(name);
        during(
                "isolate " + name,
                nanos,
                () ->
                        others.forEach(
                                other -> {
                                    cluster.network().cut(name, other);
                                    cluster.network().cut(other, name);
                                }),
                () ->
                        others.forEach(
                                other -> {
                                    cluster.network().heal(name, other);
                                    cluster.network().heal(other, name);
                                }));
    }

    private void storeDown() {
        boolean leasesAnew = random.nextBoolean();
        during("store down", howLong(), cluster.dcs()::down, () -> cluster.dcs().up(leasesAnew));
    }

    // ---------------------------------------------------------------- processes

    private void crashPostmaster(SimNode node) {
        world.trace("fault: kill -9 of the postmaster of " + node.name());
        node.crashPostmaster();
    }

    private void killAgent(SimNode node) {
        killAgent(node, random.nextInt(4) == 0 ? howLong() : 3 * SECOND);
    }

    private void killAgent(SimNode node, long nanos) {
        if (!isFree(unguarded, node) || node.isPoweredOff()) {
            return;
        }
        count(troubled, node, 1);
        during(
                "kill -9 of the agent of " + node.name(),
                nanos,
                node::killAgent,
                () -> {
                    node.startAgent();
                    // Until it has taken its lease up again, it counts on the guard.
                    world.after(6 * SECOND, "fault", () -> count(troubled, node, -1));
                });
    }

    private void stallAgent(SimNode node) {
        if (!isFree(unguarded, node) || !isFree(troubled, node)) {
            return;
        }
        count(troubled, node, 1);
        during(
                "stall the agent of " + node.name(),
                howLong(),
                node::stallAgent,
                () -> {
                    count(troubled, node, -1);
                    node.resumeAgent();
                });
    }

    private void powerOff(SimNode node) {
        if (node.isPoweredOff()) {
            return;
        }
        during("power off " + node.name(), howLong() + SECOND, node::powerOff, node::powerOn);
    }

    private void killSupervisor(SimNode node) {
        if (!isFree(troubled, node) || !node.isAgentRunning()) {
            return;
        }
        count(unguarded, node, 1);
        during(
                "kill -9 of the supervisor of " + node.name(),
                howLong(),
                node.guard()::kill,
                () -> {
                    if (!node.isPoweredOff()) {
                        node.guard().revive();
                    }
                    world.after(SECOND / 10, "fault", () -> count(unguarded, node, -1));
                });
    }

    private void fillDisk(SimNode node) {
        during(
                "disk of " + node.name() + " full",
                howLong(),
                () -> node.instance().diskFull(true),
                () -> node.instance().diskFull(false));
    }

    // ---------------------------------------------------------------- what seldom meets

    /**
     * A leader goes on by the promises of the others; then they start again, know a shorter ttl,
     * and cannot ask it.
     */
    private void testPromises() {
        Random own = world.chance("promises");
        if (own.nextInt(3) == 0) {
            world.after(
                    (long) (own.nextDouble() * 40 * SECOND), "fault", () -> countOnPromises(own));
        }
    }

    private void countOnPromises(Random own) {
        SimNode leader = cluster.primary();
        boolean failsafe = cluster.dcs().view().settings().failsafeMode();
        if (over || quiet || leader == null || !failsafe) {
            return;
        }
        quiet = true;
        String name = leader.name().value();
        during(
                "cut " + name + " <> dcs until promises count",
                35 * SECOND,
                () -> {
                    cluster.network().cut(name, SimDcs.HOST);
                    cluster.network().cut(SimDcs.HOST, name);
                },
                () -> {
                    quiet = false;
                    cluster.network().heal(name, SimDcs.HOST);
                    cluster.network().heal(SimDcs.HOST, name);
                });
        world.after(SECOND, "fault", () -> forgetPromises(leader, own));
    }

    private void forgetPromises(SimNode leader, Random own) {
        if (over || !quiet) {
            return;
        }
        HaLoop ha = leader.ha();
        long left = ha == null ? 0 : ha.leaseState().deadlineNanos() - leader.clock().nanos();
        if (cluster.dcs().view().leader() != null || left < 8 * SECOND) {
            world.after(SECOND / 10, "fault", () -> forgetPromises(leader, own));
            return;
        }
        isolate(leader, 12 * SECOND);
        writeConfig(SimSetup.config(3, "off", false, own.nextBoolean()));
        for (SimNode node : cluster.nodes()) {
            if (node != leader) {
                killAgent(node, (long) ((0.1 + own.nextDouble()) * SECOND));
            }
        }
    }

    // ---------------------------------------------------------------- operators

    private void operate() {
        ClusterView view = cluster.dcs().view();
        if (view.leader() == null || cluster.dcs().isDown()) {
            return;
        }
        MemberName candidate = random.nextInt(3) == 0 ? null : anyNode().name();
        boolean failover =
                random.nextInt(4) == 0
                        && candidate != null
                        && !view.isPaused()
                        && !view.suspension().exists();
        world.trace(
                "operator: "
                        + (failover ? "failover" : "switchover")
                        + " to "
                        + (candidate == null ? "anybody" : candidate));
        long revision = view.switchover() == null ? 0 : view.switchover().modRevision();
        var _ =
                cluster.dcs()
                        .direct()
                        .writeSwitchover(
                                new SwitchoverRequest(
                                        failover ? null : view.leader().name(), candidate, null, 0),
                                revision);
    }

    private void configure() {
        int[] ttls = {3, 5, 10};
        writeConfig(
                SimSetup.config(
                        ttls[random.nextInt(ttls.length)],
                        random.nextInt(3) == 0 ? "off" : "on",
                        random.nextBoolean(),
                        random.nextInt(3) == 0));
    }

    private void writeConfig(String json) {
        ClusterView view = cluster.dcs().view();
        if (view.config() != null && !cluster.dcs().isDown()) {
            world.trace("operator: configuration " + json);
            var _ = cluster.dcs().direct().writeConfig(json, view.config().modRevision());
        }
    }

    private void pauseOrStop(SimNode node) {
        ClusterView view = cluster.dcs().view();
        if (random.nextBoolean()) {
            if (!node.isAgentRunning() || !isFree(troubled, node) || !isFree(unguarded, node)) {
                return;
            }
            world.trace("operator: stops the agent of " + node.name());
            node.stopAgent();
            return;
        }
        if (active > 0
                || !cluster.unsettled().isEmpty()
                || view.config() == null
                || view.isPaused()) {
            return;
        }
        quiet = world.chance("pause").nextBoolean();
        String json = view.config().json();
        writeConfig("{\"pause\":true," + json.substring(1));
        world.after(
                10 * SECOND,
                "fault",
                () -> {
                    if (random.nextBoolean()) {
                        crashPostmaster(node);
                    } else {
                        killAgent(node, 3 * SECOND);
                    }
                });
        world.after(
                25 * SECOND,
                "fault",
                () -> {
                    writeConfig(json);
                    world.after(10 * SECOND, "fault", () -> quiet = false);
                });
    }

    /** Everything that is broken is mended; what was stopped starts. */
    void healAll() {
        end();
        cluster.network().calm();
        cluster.dcs().up(random.nextBoolean());
        for (SimNode node : cluster.nodes()) {
            node.instance().diskFull(false);
            node.powerOn();
            node.resumeAgent();
            if (!node.isPoweredOff()) {
                node.guard().revive();
            }
            node.startAgent();
        }
        if (cluster.dcs().view().isPaused()) {
            String json = java.util.Objects.requireNonNull(cluster.dcs().view().config()).json();
            writeConfig(json.replace("\"pause\":true,", ""));
        }
    }
}
