package io.pgnode.cli;

import io.pgnode.gateway.pooler.StandalonePooler;
import io.pgnode.gateway.pooler.ini.IniProblem;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "pooler", description = "Runs the pooler alone, from PgBouncer's files.")
final class PoolerCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE.ini", description = "pgbouncer.ini, as it is.")
    private Path file = Path.of("/etc/pgbouncer/pgbouncer.ini");

    @Option(names = "--loops", paramLabel = "N", description = "Event loops (default: one a core).")
    private int loops;

    @Override
    public Integer call() throws InterruptedException {
        int count = loops > 0 ? loops : Runtime.getRuntime().availableProcessors();
        try (StandalonePooler pooler = StandalonePooler.start(file, count, new SecureRandom())) {
            pooler.awaitEnd();
            return 0;
        } catch (StandalonePooler.BadFiles e) {
            System.err.println(
                    e.problems().stream()
                            .map(IniProblem::toString)
                            .collect(Collectors.joining("\n")));
            return 2;
        } catch (IOException e) {
            System.err.println("pgnode: error: " + e.getMessage());
            return 1;
        }
    }
}
