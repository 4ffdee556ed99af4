package io.pgnode.cli;

import io.pgnode.config.ConfigLoader;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.DcsConfig;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.Problem;
import io.pgnode.dcs.embedded.EmbeddedDcs;
import io.pgnode.model.HostPort;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
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
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "Configuration file with dcs.listen and dcs.data-dir (default: $$PGNODE_CONFIG,"
                            + " else /etc/pgnode/pgnode.yml); not read when --data-dir is given"
                            + " without it.")
    @Nullable Path config;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description =
                    "Where to listen, instead of dcs.listen (127.0.0.1:2379); there is no TLS and no"
                            + " login.")
    @Nullable String listen;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description =
                    "Directory of the state, instead of dcs.data-dir; created when it is missing.")
    @Nullable Path dataDir;

    /** Where to listen, and where the state is. */
    record Place(HostPort address, Path directory) {}

    /** What the options say, and for the rest the configuration. */
    Place place(Map<String, String> environment) {
        Path directory = dataDir;
        HostPort address = listen == null ? null : HostPort.parse(listen, DEFAULT_PORT);
        if (config != null || directory == null) {
            DcsConfig configured = load(environment).dcs();
            directory = directory == null ? configured.dataDir() : directory;
            address = address == null ? configured.listen() : address;
        }
        return new Place(
                address == null ? new HostPort("127.0.0.1", DEFAULT_PORT) : address, directory);
    }

    private PgnodeConfig load(Map<String, String> environment) {
        String named = environment.getOrDefault("PGNODE_CONFIG", "");
        Path file =
                config != null
                        ? config
                        : Path.of(named.isEmpty() ? "/etc/pgnode/pgnode.yml" : named);
        try {
            return ConfigLoader.load(file, environment).config();
        } catch (ConfigProblems e) {
            throw new CliException(
                    ExitCode.USAGE,
                    e.problems().stream().map(Problem::toString).collect(Collectors.joining("\n")),
                    "give --data-dir, or a configuration that is valid");
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        CommandSpec command = Objects.requireNonNull(spec);
        PrintWriter err = command.commandLine().getErr();
        Place place;
        try {
            place = place(System.getenv());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--listen: " + e.getMessage(), e);
        }
        try (EmbeddedDcs dcs = EmbeddedDcs.start(place.address(), place.directory())) {
            // A signal ends the process at any time: what was answered is on disk.
            command.commandLine()
                    .getOut()
                    .println(
                            "dcs: serving etcd v3 on "
                                    + place.address()
                                    + ", data in "
                                    + place.directory());
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
