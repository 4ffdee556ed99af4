package io.pgnode.cli;

import io.pgnode.dcs.embedded.EmbeddedDcs;
import io.pgnode.model.HostPort;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Serves the embedded DCS until it is stopped. */
@Command(
        name = "dcs",
        mixinStandardHelpOptions = true,
        description = {
            "Serves an etcd-compatible store from one process, for a single node or a laptop.",
            "Production uses a real etcd cluster."
        })
public class DcsCommand implements Callable<Integer> {
    private static final int DEFAULT_PORT = 2379;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:2379",
            description =
                    "Where to listen (default: ${DEFAULT-VALUE}); there is no TLS and no login.")
    private String listen = "127.0.0.1:2379";

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            required = true,
            description = "Directory of the state; created when it is missing.")
    private Path dataDir = Path.of("dcs");

    @Override
    public Integer call() throws InterruptedException {
        CommandSpec command = Objects.requireNonNull(spec);
        PrintWriter err = command.commandLine().getErr();
        HostPort address;
        try {
            address = HostPort.parse(listen, DEFAULT_PORT);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--listen: " + e.getMessage(), e);
        }
        try (EmbeddedDcs dcs = EmbeddedDcs.start(address, dataDir)) {
            // A signal ends the process at any time: what was answered is on disk.
            command.commandLine()
                    .getOut()
                    .println("dcs: serving etcd v3 on " + address + ", data in " + dataDir);
            command.commandLine().getOut().flush();
            dcs.stopped().get();
            return 0;
        } catch (IOException e) {
            err.println("error: " + e.getMessage());
            return 1;
        } catch (ExecutionException e) {
            err.println("error: the store stopped: " + e.getCause());
            return 1;
        }
    }
}
