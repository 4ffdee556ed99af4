package io.pgnode.cli;

import io.pgnode.cli.demo.DemoLayout;
import io.pgnode.cli.demo.DemoNode;
import io.pgnode.cli.text.OutputFormat;
import io.pgnode.cli.view.MemberTable;
import io.pgnode.model.HostPort;
import io.pgnode.os.Privileges;
import io.pgnode.os.Signal;
import io.pgnode.os.SignalHandler;
import io.pgnode.postgres.PostgresBinaries;
import io.pgnode.postgres.PostgresException;
import io.pgnode.supervisor.ChildCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = "Run a cluster of several nodes on this machine, to try it out.",
        footer = {
            "",
            "Node k listens on k*10000 + the standard port: PostgreSQL on 15432, 25432, ..., REST on",
            "18008, 28008, ... As root, everything runs as the user postgres. Ctrl-C stops all of it.",
            "",
            "--check exits with 0 only if every acknowledged row is there after a switchover, kill -9",
            "of the primary's postmaster, kill -9 of its whole node, and the node's return.",
        })
final class DemoCommand extends CliCommand {
    private static final Duration START_LIMIT = Duration.ofMinutes(4);

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "3",
            description = "Number of nodes, 1 to 5 (default: 3).")
    int nodes = 3;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description =
                    "Keep everything here, and start the same cluster again next time (default: a"
                            + " temporary directory).")
    @Nullable Path dir;

    @Option(
            names = "--check",
            description = "Break the cluster in four ways, and see that it holds.")
    boolean check;

    @Option(names = "--keep", description = "Keep the temporary directory.")
    boolean keep;

    private final AtomicReference<@Nullable Signal> received = new AtomicReference<>();

    @Override
    ExitCode run(Console console) throws Exception {
        if (nodes < (check ? 2 : 1) || nodes > DemoNode.MAX_NUMBER) {
            throw new CliException(
                    ExitCode.USAGE,
                    "--nodes is %d, must be %d..%d"
                            .formatted(nodes, check ? 2 : 1, DemoNode.MAX_NUMBER),
                    "");
        }
        List<String> program = ChildCommand.self().prefix();
        if (Privileges.isRoot()) {
            return new DemoAsPostgres(program, arguments(), dir, keep).run();
        }
        String binaries = postgres(console);
        Path directory =
                dir == null ? Files.createTempDirectory("pgnode-demo-") : dir.toAbsolutePath();
        try {
            DemoLayout layout = layout(directory);
            DemoStory story = new DemoStory(console);
            story.step("%d nodes in %s, PostgreSQL of %s".formatted(nodes, directory, binaries));
            return play(console, new DemoCluster(layout, program, story), layout, story, program);
        } finally {
            if (dir == null && !keep) {
                DemoDirectory.delete(directory);
            }
        }
    }

    private List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of("--nodes", Integer.toString(nodes)));
        if (check) {
            arguments.add("--check");
        }
        return arguments;
    }

    private static String postgres(Console console) {
        try {
            return PostgresBinaries.find(console.surroundings().environment("PATH")).toString();
        } catch (PostgresException e) {
            throw new CliException(
                    ExitCode.FAILED,
                    String.valueOf(e.getMessage()),
                    "apt-get install postgresql, or dnf install postgresql-server",
                    e);
        }
    }

    private DemoLayout layout(Path directory) throws IOException, InterruptedException {
        DemoDirectory.check(directory);
        DemoLayout layout = DemoLayout.of(directory, nodes);
        List<HostPort> used = layout.portsInUse();
        if (!used.isEmpty()) {
            throw new CliException(
                    ExitCode.FAILED,
                    "in use already: "
                            + used.stream()
                                    .map(HostPort::toString)
                                    .collect(Collectors.joining(", ")),
                    "is another demo running? nothing was started");
        }
        DemoDirectory.create(directory);
        layout.write();
        return layout;
    }

    private ExitCode play(
            Console console,
            DemoCluster cluster,
            DemoLayout layout,
            DemoStory story,
            List<String> program)
            throws Exception {
        Thread main = Thread.currentThread();
        for (Signal signal : List.of(Signal.INT, Signal.TERM)) {
            SignalHandler.on(
                    signal,
                    () -> {
                        if (received.compareAndSet(null, signal)) {
                            main.interrupt();
                        }
                    });
        }
        try {
            cluster.startDcs();
            for (DemoNode node : layout.nodes()) {
                cluster.start(node);
            }
            cluster.await(
                    "the cluster is not complete",
                    view -> DemoCluster.isWhole(view, nodes),
                    START_LIMIT);
            story.step("the cluster is complete");
            if (check) {
                return new DemoCheck(console, cluster, layout, story).run();
            }
            explain(console, cluster, layout, program);
            while (true) {
                cluster.look(Duration.ofSeconds(1));
            }
        } catch (InterruptedException | CliException e) {
            if (received.get() == null) {
                throw e;
            }
            return received.get() == Signal.INT ? ExitCode.INTERRUPTED : ExitCode.TERMINATED;
        } finally {
            boolean interrupted = Thread.interrupted();
            if (interrupted || received.get() != null) {
                console.println("");
                story.step("stopping");
            }
            cluster.stop();
        }
    }

    private static void explain(
            Console console, DemoCluster cluster, DemoLayout layout, List<String> program) {
        DemoNode first = layout.nodes().getFirst();
        String leaderFile =
                layout.directory() + "/node" + cluster.leader().number() + "/data/postmaster.pid";
        int jar = program.indexOf("-jar");
        String pgnode =
                jar < 0 ? program.getFirst() : "java -jar " + program.get(program.size() - 1);
        console.println("");
        console.print(OutputFormat.table, MemberTable.of(cluster.view(), DemoNode.CLUSTER));
        console.println(
                """

                Connect to the primary, wherever it is:
                  psql "%s"

                Try, in another terminal:
                  export PGNODE_CONFIG=%s
                  %s list -w
                  %s switchover --force
                  kill -9 $(head -1 %s)

                Ctrl-C stops everything.
                """
                                .formatted(
                                        layout.connectionString(),
                                        first.configFile(),
                                        pgnode,
                                        pgnode,
                                        leaderFile)
                                .stripTrailing()
                        + "\n");
    }
}
