package io.pgnode.sim;

import io.pgnode.cluster.ClusterView;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.dcs.FakeDcs;
import io.pgnode.dcs.FakeDcsServer;
import io.pgnode.dcs.embedded.KvState;
import io.pgnode.model.MemberName;
import java.time.Duration;

/** The store with its own clock and its outages. What is looked up here is the truth. */
final class SimDcs {
    static final String HOST = "dcs";
    static final String NAMESPACE = "/service";
    static final String SCOPE = "pg-sim";

    private final World world;
    private final SimNetwork network;
    private final FakeDcsServer server;
    private final ClusterStore direct;
    private boolean down;
    private ClusterView view = ClusterView.EMPTY;
    private long viewRevision = -1;

    SimDcs(World world, SimNetwork network, SimClock clock) {
        this.world = world;
        this.network = network;
        this.server = new FakeDcsServer(new KvState(1000, KvState.DEFAULT_HISTORY), clock::nanos);
        this.direct =
                new ClusterStore(
                        new FakeDcs(server, new FakeDcs.Direct()),
                        NAMESPACE,
                        SCOPE,
                        Duration.ofSeconds(1),
                        (delay, task) -> {});
        tick();
    }

    private void tick() {
        world.after(
                world.between("dcs tick", 5_000_000, 300_000_000),
                HOST,
                () -> {
                    if (!down) {
                        server.tick();
                    }
                    tick();
                });
    }

    /** The client of a process on {@code host}. */
    FakeDcs client(String host, SimLoop loop) {
        return new FakeDcs(
                server,
                new FakeDcs.Network() {
                    @Override
                    public void toServer(String what, Runnable atServer) {
                        network.send(
                                host,
                                HOST,
                                () -> {
                                    if (!down) {
                                        apply(host, what, atServer);
                                    }
                                });
                    }

                    @Override
                    public void toClient(String what, Runnable atClient) {
                        network.send(HOST, host, () -> loop.execute(atClient));
                    }

                    @Override
                    public void after(Duration delay, Runnable timer) {
                        var _ = loop.schedule(delay.toNanos(), timer);
                    }
                });
    }

    /**
     * Without a network between, also while the store is down: for the operator and the checker.
     */
    ClusterStore direct() {
        return direct;
    }

    /** What the store holds now. */
    ClusterView view() {
        if (server.state().revision() != viewRevision) {
            view = direct.read().join();
            viewRevision = server.state().revision();
        }
        return view;
    }

    void down() {
        down = true;
    }

    /**
     * @param leasesAnew as etcd does after an election: every lease has its whole time again
     */
    void up(boolean leasesAnew) {
        if (down && leasesAnew) {
            server.state().renewAll(server.nowNanos());
        }
        down = false;
    }

    boolean isDown() {
        return down;
    }

    private void apply(String host, String what, Runnable request) {
        server.tick();
        long before = server.state().revision();
        boolean leads = view().leader() != null && view().isLeader(new MemberName(host));
        request.run();
        if (!leads && server.state().revision() != before && isLeadersWrite(what)) {
            world.violated(
                    host + " changed a key of the leader although it does not lead: " + what);
        }
    }

    /** What only the leader may do, by the text of the request. */
    private static boolean isLeadersWrite(String what) {
        int ops = what.indexOf("ops=[");
        String prefix = NAMESPACE + "/" + SCOPE + "/";
        return ops >= 0
                && (what.indexOf("Put[key=" + prefix + "status,", ops) > 0
                        || what.indexOf("Put[key=" + prefix + "sync,", ops) > 0
                        || what.indexOf("Put[key=" + prefix + "pgnode/timeline,", ops) > 0
                        || what.indexOf("Put[key=" + prefix + "history,", ops) > 0
                        || what.indexOf("Put[key=" + prefix + "failsafe,", ops) > 0
                        || what.indexOf("Delete[key=" + prefix + "leader]", ops) > 0);
    }
}
