package io.pgnode.supervisor;

import io.pgnode.os.JavaProcess;
import io.pgnode.os.SystemdNotify;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A supervisor whose agent is {@link FakeAgent}; the argument is the run directory. With another
 * argument it has a {@link FakeGateway}, too.
 */
final class SupervisorMain {
    private SupervisorMain() {}

    public static void main(String[] args) throws Exception {
        ChildSpec agent =
                new ChildSpec(
                        ChildSpec.AGENT, List.of(args[0]), 48, () -> Duration.ofSeconds(5), true);
        ChildSpec gateway =
                new ChildSpec(
                        "gateway",
                        List.of(args[0], "gateway"),
                        48,
                        () -> Duration.ofSeconds(5),
                        true,
                        List.of("--take-over"));
        List<ChildSpec> children = args.length > 1 ? List.of(agent, gateway) : List.of(agent);
        ChildCommand command = new ChildCommand(JavaProcess.command(FakeAgent.class), false);
        Supervisor supervisor =
                new Supervisor(
                        new SupervisorSettings(Path.of(args[0]), command, children, () -> {}),
                        SystemdNotify.fromEnvironment());
        try {
            supervisor.run();
        } catch (SupervisorException e) {
            System.err.println(e.getMessage() + "\nHINT: " + e.hint());
            System.exit(1);
        }
        System.exit(0);
    }
}
