package io.pgnode.gateway.pooler;

import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs other people's programs against a port. */
final class Programs {
    private static final int LIMIT_SECONDS = 120;

    private Programs() {}

    static Path postgres(String name) {
        return RealPostgres.binDir().resolve(name);
    }

    /** Environment for everything that is made of libpq, and for those who imitate it. */
    static Map<String, String> environment(int port, String sslMode) {
        return Map.of(
                "PGHOST",
                "127.0.0.1",
                "PGPORT",
                Integer.toString(port),
                "PGUSER",
                "somebody",
                "PGDATABASE",
                "postgres",
                "PGSSLMODE",
                sslMode,
                "PGCONNECT_TIMEOUT",
                "20",
                "PGPASSWORD",
                "none",
                "LC_ALL",
                "C.UTF-8");
    }

    /**
     * What a program prints.
     *
     * @throws AssertionError when it fails or does not end
     */
    static String run(Map<String, String> environment, String input, List<String> command)
            throws IOException, InterruptedException {
        Path in = Files.createTempFile("pgnode-program", ".in");
        Path out = Files.createTempFile("pgnode-program", ".out");
        try {
            Files.writeString(in, input);
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectInput(in.toFile())
                            .redirectOutput(out.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            boolean isOver = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            process.destroyForcibly();
            String output = Files.readString(out, StandardCharsets.UTF_8);
            if (!isOver || process.exitValue() != 0) {
                throw new AssertionError(command + (isOver ? " failed:\n" : " hangs:\n") + output);
            }
            return output;
        } finally {
            Files.delete(in);
            Files.delete(out);
        }
    }

    /** A script for psql, which stops at the first error. */
    static String psql(int port, String script) throws IOException, InterruptedException {
        return psql(port, "disable", script);
    }

    static String psql(int port, String sslMode, String script)
            throws IOException, InterruptedException {
        return run(
                environment(port, sslMode),
                script,
                List.of(postgres("psql").toString(), "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-"));
    }

    static String pgbench(int port, String sslMode, String... options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(postgres("pgbench").toString()));
        command.addAll(List.of(options));
        return run(environment(port, sslMode), "", command);
    }
}
