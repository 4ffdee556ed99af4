package io.pgnode.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Patroni's command line, with our cluster's etcd as all that it knows. */
public final class Patronictl implements AutoCloseable {
    private final Path file;

    public Patronictl(ClusterUnderTest cluster, String scope) {
        try {
            file = Files.createTempFile("patronictl-", ".yml");
            Files.writeString(
                    file,
                    """
                    scope: %s
                    namespace: /service/
                    etcd3:
                      hosts: %s
                    """
                            .formatted(scope, cluster.etcd().endpoint()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it printed; fails when its exit code is not 0. */
    public String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("patronictl", "-c", file.toString()));
        command.addAll(List.of(arguments));
        return Command.run(command);
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
