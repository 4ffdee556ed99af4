package io.pgnode.cli;

import io.pgnode.agent.rest.RestClientSettings;
import io.pgnode.cli.demo.DemoLayout;
import io.pgnode.cli.demo.DemoNode;
import io.pgnode.cli.demo.DemoProcess;
import io.pgnode.cli.demo.NodeProcesses;
import io.pgnode.cli.view.MemberState;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.dcs.etcd.EtcdDcs;
import io.pgnode.dcs.etcd.EtcdSettings;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.Signal;
import io.pgnode.os.Signals;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The processes of a demo cluster: starts them, waits for them, stops them. */
final class DemoCluster {
    private static final Duration DCS_START = Duration.ofSeconds(20);
    private static final Duration DCS_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration NODE_STOP = Duration.ofSeconds(40);
    private static final Duration POSTGRES_STOP = Duration.ofSeconds(15);
    private static final Duration DCS_STOP = Duration.ofSeconds(5);
    private static final Duration GLANCE = Duration.ofMillis(200);

    private final DemoLayout layout;
    private final List<String> program;
    private final DemoStory story;
    private final DemoProcess dcs;
    private final Map<DemoNode, DemoProcess> nodes = new LinkedHashMap<>();
    private @Nullable ClusterSession session;
    private @Nullable ViewWatch watch;
    private ClusterView view = ClusterView.EMPTY;

    /**
     * @param program how this program is started
     */
    DemoCluster(DemoLayout layout, List<String> program, DemoStory story) {
        this.layout = layout;
        this.program = List.copyOf(program);
        this.story = story;
        this.dcs =
                process(
                        "dcs",
                        layout,
                        layout.dcsLog(),
                        List.of(
                                "dcs",
                                "--listen",
                                layout.dcs().toString(),
                                "--data-dir",
                                layout.dcsDirectory().toString()));
    }

    private DemoProcess process(String name, DemoLayout place, Path log, List<String> args) {
        List<String> command = new ArrayList<>(program);
        command.addAll(args);
        return new DemoProcess(name, command, place.directory(), log);
    }

    ClusterSession session() {
        return Objects.requireNonNull(session, "the demo has not started");
    }

    /** The last known view. */
    ClusterView view() {
        return view;
    }

    void startDcs() throws IOException, InterruptedException {
        dcs.start();
        long deadline = System.nanoTime() + DCS_START.toNanos();
        while (!accepts()) {
            failIfEnded(dcs);
            if (System.nanoTime() - deadline >= 0) {
                throw new CliException(
                        ExitCode.FAILED,
                        "the DCS does not answer on " + layout.dcs() + "\n" + dcs.tail(),
                        "see " + layout.dcsLog());
            }
            Thread.sleep(Duration.ofMillis(20));
        }
        story.step("DCS serves on " + layout.dcs());
        session =
                new ClusterSession(
                        DemoNode.CLUSTER,
                        new EtcdDcs(EtcdSettings.plain(layout.dcs())),
                        "/service/",
                        DCS_TIMEOUT,
                        () -> new VertxMemberApi(RestClientSettings.PLAIN));
        watch = new ViewWatch(session.store());
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(layout.dcs().host(), layout.dcs().port()), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    void start(DemoNode node) throws IOException {
        DemoProcess process =
                process(
                        node.name().value(),
                        layout,
                        node.log(),
                        List.of("run", "-c", node.configFile().toString()));
        nodes.put(node, process);
        process.start();
        story.step("started " + node.name() + ", log in " + node.log());
    }

    /** The node of the present leader. */
    DemoNode leader() {
        return layout.nodes().stream()
                .filter(node -> view.isLeader(node.name()))
                .findFirst()
                .orElseThrow(
                        () -> new CliException(ExitCode.FAILED, "the cluster has no leader", ""));
    }

    /** Shows views until {@code condition} holds for one. */
    void await(String what, Predicate<ClusterView> condition, Duration limit) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.test(view)) {
            look(GLANCE);
            for (DemoProcess process : nodes.values()) {
                failIfEnded(process);
            }
            failIfEnded(dcs);
            if (System.nanoTime() - deadline >= 0) {
                throw new CliException(
                        ExitCode.FAILED,
                        what + ": not within " + limit.toSeconds() + " s",
                        "see the logs in " + layout.directory() + " (use --dir or --keep)");
            }
        }
    }

    /** Shows the next view, if one comes within {@code timeout}. */
    void look(Duration timeout) {
        ClusterView next = Objects.requireNonNull(watch).next(timeout);
        if (next != null) {
            view = next;
            story.view(next);
        }
    }

    /** One writable leader; every other member streams, or fewer members than that are expected. */
    static boolean isWhole(ClusterView view, int members) {
        Member leader = view.leaderMember();
        if (leader == null || leader.role() != MemberRole.PRIMARY || !leader.isRunning()) {
            return false;
        }
        long streaming =
                view.members().values().stream()
                        .filter(member -> !view.isLeader(member.name()))
                        .filter(member -> MemberState.of(member).equals("streaming"))
                        .count();
        boolean synchronous = members < 2 || !view.sync().standbys().isEmpty();
        return streaming >= members - 1 && synchronous;
    }

    /** From now on this node may be dead. */
    void forget(DemoNode node) {
        nodes.remove(node);
    }

    private static void failIfEnded(DemoProcess process) {
        if (!process.isRunning()) {
            throw new CliException(
                    ExitCode.FAILED, process.name() + " has ended:\n" + process.tail(), "");
        }
    }

    /** Ends everything that was started: standbys first, then the leader, then the DCS. */
    void stop() throws IOException, InterruptedException {
        if (watch != null) {
            watch.close();
        }
        List<DemoNode> order = new ArrayList<>(nodes.keySet());
        order.sort(Comparator.comparing(node -> view.isLeader(node.name())));
        for (boolean leader : List.of(false, true)) {
            List<DemoNode> now =
                    order.stream().filter(n -> view.isLeader(n.name()) == leader).toList();
            for (DemoNode node : now) {
                Objects.requireNonNull(nodes.get(node)).signal(Signal.TERM);
            }
            for (DemoNode node : now) {
                DemoProcess process = Objects.requireNonNull(nodes.get(node));
                if (!process.awaitEnd(NODE_STOP)) {
                    process.signal(Signal.KILL);
                }
            }
        }
        for (DemoNode node : layout.nodes()) {
            stopPostgres(node);
        }
        if (session != null) {
            session.close();
        }
        dcs.signal(Signal.TERM);
        if (!dcs.awaitEnd(DCS_STOP)) {
            dcs.signal(Signal.KILL);
        }
        story.step("everything is stopped");
    }

    /** Its agent has done it, unless it was killed. */
    private static void stopPostgres(DemoNode node) throws IOException, InterruptedException {
        NodeProcesses processes = new NodeProcesses(node);
        for (Signal signal : List.of(Signal.INT, Signal.QUIT, Signal.KILL)) {
            Optional<ProcessIdentity> postmaster = processes.postmaster();
            if (postmaster.isEmpty()) {
                return;
            }
            Signals.send(postmaster.get(), signal);
            long deadline = System.nanoTime() + POSTGRES_STOP.toNanos();
            while (postmaster.get().isAlive() && System.nanoTime() - deadline < 0) {
                Thread.sleep(Duration.ofMillis(20));
            }
        }
    }
}
