package io.pgnode.sim;

import io.pgnode.cluster.ClusterView;
import io.pgnode.model.MemberName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Members, store and network of one world, and the clients that write to whoever lets them. */
final class SimCluster
        implements Stream.Directory, FakePostgres.Surroundings, SimInstance.Listener {
    private static final long MILLI = 1_000_000L;

    private final World world;
    private final SimNetwork network;
    private final SimDcs dcs;
    private final Rules rules;
    private final Map<MemberName, SimNode> nodes = new TreeMap<>();
    private final Checker checker;
    private int newestTimeline;

    SimCluster(World world, SimSetup setup, Rules rules) {
        this.world = world;
        this.rules = rules;
        this.network = new SimNetwork(world, setup.lossRate(), setup.slowRate());
        this.dcs = new SimDcs(world, network, clock(SimDcs.HOST));
        for (int i = 1; i <= setup.members(); i++) {
            MemberName name = new MemberName("n" + i);
            nodes.put(
                    name,
                    new SimNode(this, name, clock(name.value()), setup.config(), setup.gateways()));
        }
        this.checker = new Checker(this);
        world.afterEach(checker::check);
        nodes.values().forEach(node -> node.restartAgentIn(draw("start", 0, 3000 * MILLI)));
        nodes.values().forEach(this::write);
    }

    private SimClock clock(String host) {
        return new SimClock(
                world,
                draw("clock " + host, 0, 1_000_000 * 1000 * MILLI),
                world.chance("clock " + host).nextDouble() * 400 - 200);
    }

    private long draw(String what, long min, long max) {
        return world.between(what, min, max);
    }

    /** A client on every host that tries to write all the time. */
    private void write(SimNode node) {
        world.after(
                draw("client " + node.name(), 20 * MILLI, 150 * MILLI),
                "client",
                () -> {
                    node.instance().commit();
                    write(node);
                });
    }

    World world() {
        return world;
    }

    SimDcs dcs() {
        return dcs;
    }

    Rules rules() {
        return rules;
    }

    Checker checker() {
        return checker;
    }

    @Override
    public SimNetwork network() {
        return network;
    }

    Collection<SimNode> nodes() {
        return nodes.values();
    }

    SimNode node(MemberName name) {
        SimNode node = nodes.get(name);
        if (node == null) {
            throw new IllegalArgumentException("no node " + name);
        }
        return node;
    }

    SimNode node(String name) {
        return node(new MemberName(name));
    }

    @Override
    public SimInstance instance(MemberName name) {
        return node(name).instance();
    }

    FakePeers.@Nullable Peer peer(MemberName name) {
        return node(name).peer();
    }

    @Override
    public boolean connects(MemberName from, MemberName to) {
        return network.reaches(from.value(), to.value())
                && network.reaches(to.value(), from.value());
    }

    @Override
    public int freeTimeline() {
        return newestTimeline + 1;
    }

    @Override
    public void dropping(MemberName on, String slot) {
        checker.dropping(on, slot);
    }

    @Override
    public void accepting(SimInstance instance, boolean promoted) {
        world.trace(
                instance.name()
                        + " accepts writes, timeline "
                        + instance.wal().timeline()
                        + " from "
                        + Wal.lsn(instance.wal().size()));
        newestTimeline = Math.max(newestTimeline, instance.wal().timeline());
        checker.accepting(instance);
    }

    @Override
    public void acknowledged(SimInstance instance, int index, Wal.Rec rec) {
        checker.acknowledged(instance, index, rec);
    }

    @Override
    public void died(SimInstance instance) {
        node(instance.name()).postmasterDied();
    }

    /** The one member that accepts writes; null when there is none. */
    @Nullable SimNode primary() {
        for (SimNode node : nodes.values()) {
            if (node.instance().acceptsWrites()) {
                return node;
            }
        }
        return null;
    }

    /** Why the cluster is not in the state it should come to by itself; empty when it is. */
    String unsettled() {
        ClusterView view = dcs.view();
        SimNode primary = primary();
        if (view.leader() == null) {
            return "no leader";
        }
        if (primary == null || !view.isLeader(primary.name())) {
            return "the leader " + view.leader().name() + " is not primary";
        }
        for (SimNode node : nodes.values()) {
            SimInstance instance = node.instance();
            if (node == primary) {
                continue;
            }
            if (!instance.isStandby() || !instance.isStreaming()) {
                return node.name() + " does not stream";
            }
            if (!primary.name().equals(instance.upstream())) {
                return node.name() + " streams from " + instance.upstream();
            }
            if (instance.wal().timeline() != primary.instance().wal().timeline()) {
                return node.name() + " is on timeline " + instance.wal().timeline();
            }
            if (!instance.wal().sameRecords(primary.instance().wal())) {
                return node.name() + " holds other WAL than the primary";
            }
            if (instance.wal().flushed() < primary.instance().wal().flushed() - 20) {
                return node.name() + " lags";
            }
            if (!view.members().containsKey(node.name())) {
                return node.name() + " has no member key";
            }
        }
        if (checker.sinceLastCommitNanos() > 1000 * MILLI) {
            return "no commits are acknowledged";
        }
        boolean wantsSync =
                view.settings().synchronousMode() != io.pgnode.cluster.SyncMode.OFF
                        && nodes.size() > 1;
        if (wantsSync && view.sync().standbys().isEmpty()) {
            return "no synchronous standby";
        }
        return view.switchover() != null ? "a switchover request stands" : "";
    }

    /** One line per member, for the report of a failure. */
    List<String> describe() {
        List<String> lines = new ArrayList<>();
        ClusterView view = dcs.view();
        lines.add(
                "dcs: leader "
                        + (view.leader() == null ? "none" : view.leader().name())
                        + ", epoch "
                        + view.epoch()
                        + ", sync "
                        + view.sync().leader()
                        + view.sync().standbys()
                        + ", history up to "
                        + view.history().currentTimeline()
                        + ", members "
                        + view.members().keySet()
                        + (dcs.isDown() ? ", down" : ""));
        for (SimNode node : nodes.values()) {
            SimInstance instance = node.instance();
            lines.add(
                    node.name()
                            + ": "
                            + instance.data()
                            + " "
                            + instance.process()
                            + (instance.acceptsWrites() ? " primary" : "")
                            + " timeline "
                            + instance.wal().timeline()
                            + " flushed "
                            + Wal.lsn(instance.wal().flushed())
                            + " upstream "
                            + instance.upstream()
                            + (instance.isStreaming() ? " streaming" : "")
                            + " names '"
                            + instance.effectiveNamesText()
                            + "', "
                            + (node.isAgentRunning() ? "agent: " : "agent stopped, last: ")
                            + node.why());
        }
        return lines;
    }
}
