package io.pgnode.sim;

import io.pgnode.agent.AgentSettings;
import io.pgnode.agent.AgentSnapshot;
import io.pgnode.agent.Callbacks;
import io.pgnode.agent.Guard;
import io.pgnode.agent.HaLoop;
import io.pgnode.agent.Loop;
import io.pgnode.agent.Operations;
import io.pgnode.agent.OperatorDesk;
import io.pgnode.agent.Postgres;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Tags;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.dcs.FakeDcs;
import io.pgnode.ha.LeaseState;
import io.pgnode.ha.LocalState;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A member: its PostgreSQL, its supervisor with the guard, and the agent process of the moment. */
final class SimNode {
    private static final long MILLI = 1_000_000L;
    private static final Duration DCS_TIMEOUT = Duration.ofMillis(1500);

    /** One agent process. */
    private final class Agent implements FakePeers.Peer {
        private final SimProcess process;
        private final SimLoop loop;
        private final FakeDcs dcs;
        private final FakePostgres postgres;
        private final HaLoop ha;
        private final OperatorDesk desk;
        private @Nullable AgentSnapshot snapshot;

        Agent(int number) {
            process = new SimProcess(name + "/" + number);
            loop = new SimLoop(cluster.world(), clock, process, "ha");
            Loop leaseLoop =
                    cluster.rules()
                            .leaseLoop(new SimLoop(cluster.world(), clock, process, "lease"));
            SimLoop ioLoop = new SimLoop(cluster.world(), clock, process, "io");
            dcs = cluster.dcs().client(name.value(), ioLoop);
            ClusterStore store =
                    new ClusterStore(
                            cluster.rules().dcs(dcs, name, ioLoop),
                            SimDcs.NAMESPACE,
                            SimDcs.SCOPE,
                            DCS_TIMEOUT,
                            (delay, task) -> {
                                var _ = ioLoop.schedule(delay.toNanos(), task);
                            });
            postgres = new FakePostgres(cluster.world(), instance, ioLoop, process, cluster);
            Postgres port = cluster.rules().postgres(postgres, name, ioLoop);
            FakePeers peers =
                    new FakePeers(
                            cluster.network(),
                            name.value(),
                            ioLoop,
                            cluster::peer,
                            cluster.rules().keepsPromises());
            Guard pipe = cluster.rules().hasGuard() ? guard.pipeOf(process) : new NoGuard();
            ha =
                    new HaLoop(
                            loop,
                            leaseLoop,
                            () -> settings,
                            store,
                            port,
                            pipe,
                            peers,
                            Callbacks.NONE,
                            this::publish);
            if (cluster.rules().remembersPromises()) {
                ha.keepPromisesIn(promises.of(process, ioLoop));
            }
            ha.onNews(gateway::snapshot);
            ha.holdClientsWith(
                    new FakeHolds(
                            cluster.world(),
                            cluster.network(),
                            name.value(),
                            ioLoop,
                            gateway,
                            cluster::peer));
            desk =
                    new OperatorDesk(
                            loop,
                            ha,
                            store,
                            port,
                            () -> ha.leaseState().isValid(loop.nanos()),
                            Callbacks.NONE,
                            () -> settings,
                            emptySnapshot(),
                            () -> new Operations.Result(200, ""));
        }

        private void publish(AgentSnapshot newest) {
            snapshot = newest;
            desk.publish(newest);
        }

        @Override
        public SimLoop loop() {
            return loop;
        }

        @Override
        public @Nullable AgentSnapshot snapshot() {
            return snapshot;
        }

        @Override
        public Operations operations() {
            return desk;
        }

        private AgentSnapshot emptySnapshot() {
            return new AgentSnapshot(
                    SimDcs.SCOPE,
                    ClusterView.EMPTY,
                    0,
                    0,
                    0,
                    new LocalState(name, Tags.NONE, postgres.view(), LeaseState.NONE, null, false),
                    "",
                    false,
                    "",
                    "",
                    Map.of(),
                    null);
        }
    }

    private record NoGuard() implements Guard {
        @Override
        public void lead(long epoch, long deadlineNanos) {}

        @Override
        public void extend(long epoch, long deadlineNanos) {}

        @Override
        public void release(long epoch) {}
    }

    private final SimCluster cluster;
    private final MemberName name;
    private final SimClock clock;
    private final SimInstance instance;
    private final FakeGuard guard;
    private final AgentSettings settings;
    private final SimGateway gateway;
    private final SimPromises promises;
    private @Nullable Agent agent;
    private int agents;
    private boolean poweredOff;

    SimNode(
            SimCluster cluster,
            MemberName name,
            SimClock clock,
            String initialConfig,
            SimGateway.Mood mood) {
        this.cluster = cluster;
        this.name = name;
        this.clock = clock;
        this.instance = new SimInstance(cluster.world(), cluster, name, cluster);
        this.guard = new FakeGuard(cluster.world(), clock, instance);
        this.gateway = new SimGateway(name.value(), mood);
        this.promises = new SimPromises(cluster.world(), name.value());
        this.settings =
                new AgentSettings(
                        SimDcs.SCOPE,
                        name,
                        Tags.NONE,
                        FakePostgres.address(name),
                        "http://" + name + ":8008/patroni",
                        "postgres://" + name + ":5432/postgres",
                        initialConfig,
                        true,
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(30));
        guard.onFenced(
                epoch -> {
                    if (agent != null) {
                        agent.ha.guardFenced(epoch);
                    }
                });
    }

    MemberName name() {
        return name;
    }

    SimInstance instance() {
        return instance;
    }

    SimClock clock() {
        return clock;
    }

    FakeGuard guard() {
        return guard;
    }

    SimGateway gateway() {
        return gateway;
    }

    FakePeers.@Nullable Peer peer() {
        return agent;
    }

    @Nullable HaLoop ha() {
        return agent == null ? null : agent.ha;
    }

    @Nullable Operations operations() {
        return agent == null || !agent.process.isRunning() ? null : agent.desk;
    }

    String why() {
        return agent == null || agent.snapshot == null ? "no agent" : agent.snapshot.decision();
    }

    boolean isAgentRunning() {
        return agent != null && agent.process.isRunning();
    }

    boolean isPoweredOff() {
        return poweredOff;
    }

    // ---------------------------------------------------------------- what happens to it

    void startAgent() {
        if (agent != null || poweredOff) {
            return;
        }
        cluster.world().trace(name + ": agent starts");
        Agent started = new Agent(++agents);
        agent = started;
        started.ha.start();
        started.ha
                .whenEnded()
                .thenAccept(
                        why -> {
                            if (agent == started) {
                                cluster.world().trace(name + ": agent ends: " + why);
                                killAgent();
                                restartAgentIn(2000 * MILLI);
                            }
                        });
    }

    void killAgent() {
        if (agent != null) {
            agent.process.kill();
            agent.dcs.close();
            agent = null;
        }
    }

    /** As the supervisor does. */
    void restartAgentIn(long nanos) {
        cluster.world().after(nanos, name.value(), this::startAgent);
    }

    void stallAgent() {
        if (agent != null) {
            agent.process.stall();
        }
    }

    void resumeAgent() {
        if (agent != null) {
            agent.process.resume();
        }
    }

    void stopAgent() {
        if (agent != null) {
            agent.ha.stop();
        }
    }

    void crashPostmaster() {
        instance.crash(true);
    }

    void powerOff() {
        poweredOff = true;
        killAgent();
        promises.forget();
        guard.kill();
        instance.crash(false);
    }

    void powerOn() {
        if (poweredOff) {
            poweredOff = false;
            guard.revive();
            startAgent();
        }
    }

    void postmasterDied() {
        if (agent != null) {
            agent.postgres.died();
        }
    }
}
