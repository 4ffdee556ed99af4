package io.pgnode.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A real pgbackrest, the judge of what we write and the writer of what we read. {@link #with} gives
 * one with a configuration of its own.
 */
public final class PgBackRest {
    /** The stanza of every configuration. */
    public static final String STANZA = "demo";

    private static final int LIMIT_SECONDS = 120;

    private final Path program;
    private final String version;

    private PgBackRest(Path program, String version) {
        this.program = program;
        this.version = version;
    }

    /** The distribution's; fails when there is none. */
    public static PgBackRest stock() {
        return at(Path.of("/usr/bin/pgbackrest"))
                .orElseThrow(() -> new IllegalStateException("pgbackrest is not installed"));
    }

    /** A later one, whose format is the final one: see packaging/bin/need-later. */
    public static Optional<PgBackRest> newer() {
        String program = "usr/bin/pgbackrest";
        return LaterPackage.find("pgbackrest", program).flatMap(later -> at(later.file(program)));
    }

    /** Those that are here: the distribution's, then the later one. */
    public static List<PgBackRest> all() {
        List<PgBackRest> all = new ArrayList<>(List.of(stock()));
        newer().ifPresent(all::add);
        return all;
    }

    private static Optional<PgBackRest> at(Path program) {
        // Not isExecutable: it asks as a user without capabilities, whom root's home is closed to.
        if (!Files.isRegularFile(program)) {
            return Optional.empty();
        }
        Outcome outcome = execute(List.of(program.toString(), "version"));
        return Optional.of(
                new PgBackRest(program, outcome.out().strip().replace("pgBackRest ", "")));
    }

    public Path program() {
        return program;
    }

    /** Such as {@code 2.45}. */
    public String version() {
        return version;
    }

    @Override
    public String toString() {
        return "pgbackrest " + version;
    }

    /**
     * With a configuration file in a directory. Locks, logs and spool are below it; {@code
     * repo1-path} is its {@code repo} unless the options say otherwise.
     *
     * @param global options such as {@code repo1-bundle} = {@code y}
     * @param stanza options of the stanza, such as {@code pg1-path}
     */
    public Configured with(Path directory, Map<String, String> global, Map<String, String> stanza) {
        return new Configured(this, directory, global, stanza);
    }

    /** As {@link #with(Path, Map, Map)}, for a server. */
    public Configured with(Path directory, Map<String, String> global, RealPostgres server) {
        return with(directory, global, optionsOf(server));
    }

    /** The stanza's options for a server. */
    public static Map<String, String> optionsOf(RealPostgres server) {
        return Map.of(
                "pg1-path", server.settings().dataDir().toString(),
                "pg1-socket-path", server.settings().socketDir().toString(),
                "pg1-port", Integer.toString(server.settings().connectAddress().port()),
                "pg1-user", RealPostgres.SUPERUSER.user());
    }

    /**
     * A server whose WAL is archived as soon as {@link Configured#archive} says where to; until
     * then it keeps it.
     *
     * @param parameters more of PostgreSQL's, or others
     */
    public static RealPostgres server(String name, Map<String, String> parameters) {
        return RealPostgres.create(
                name,
                settings -> {
                    Map<String, String> all = new LinkedHashMap<>(settings.parameters());
                    all.put("archive_mode", "on");
                    all.put("archive_command", "");
                    all.putAll(parameters);
                    return Changed.copy(settings, "parameters", all);
                });
    }

    /**
     * What a run said.
     *
     * @param exit its code
     */
    public record Outcome(int exit, String out, String err) {
        public boolean isDone() {
            return exit == 0;
        }
    }

    /** With its configuration file. */
    public static final class Configured {
        private final PgBackRest tool;
        private final Path directory;
        private final Path file;

        private Configured(
                PgBackRest tool,
                Path directory,
                Map<String, String> global,
                Map<String, String> stanza) {
            this.tool = tool;
            this.directory = directory;
            this.file = directory.resolve("pgbackrest-" + tool.version + ".conf");
            Map<String, String> all = new LinkedHashMap<>();
            all.put("repo1-path", directory.resolve("repo").toString());
            all.put("repo1-retention-full", "99");
            all.put("lock-path", lockPath().toString());
            all.put("log-path", directory.resolve("log").toString());
            all.put("spool-path", directory.resolve("spool").toString());
            all.put("log-level-console", "warn");
            all.put("log-level-file", "off");
            all.put("log-timestamp", "n");
            all.put("start-fast", "y");
            all.put("archive-timeout", "20");
            all.putAll(global);
            try {
                for (String made : List.of("repo", "lock", "log", "spool")) {
                    Files.createDirectories(directory.resolve(made));
                }
                Files.writeString(
                        file,
                        "[global]\n" + lines(all) + "\n[" + STANZA + "]\n" + lines(stanza) + "\n");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static String lines(Map<String, String> options) {
            return options.entrySet().stream()
                    .map(option -> option.getKey() + "=" + option.getValue())
                    .collect(Collectors.joining("\n"));
        }

        public PgBackRest tool() {
            return tool;
        }

        /** The configuration file. */
        public Path file() {
            return file;
        }

        /** {@code repo1-path}, unless the options said otherwise. */
        public Path repository() {
            return directory.resolve("repo");
        }

        public Path lockPath() {
            return directory.resolve("lock");
        }

        /** As text, for {@code archive_command} and {@code restore_command}. */
        public String command(String arguments) {
            return String.join(" ", commandLine()) + " " + arguments;
        }

        private List<String> commandLine() {
            return List.of(tool.program.toString(), "--config=" + file, "--stanza=" + STANZA);
        }

        /** Makes a server archive its WAL with this. */
        public void archive(RealPostgres server) throws SQLException {
            server.sql("ALTER SYSTEM SET archive_command = '" + command("archive-push %p") + "'");
            server.sql("SELECT pg_reload_conf()");
        }

        /** Runs a command to its end, whatever that is. */
        public Outcome run(String... arguments) {
            return execute(line(arguments));
        }

        private List<String> line(String... arguments) {
            List<String> line = new ArrayList<>(commandLine());
            line.addAll(List.of(arguments));
            return line;
        }

        /** Runs a command that must succeed; returns what it printed. */
        public String must(String... arguments) {
            Outcome outcome = run(arguments);
            if (!outcome.isDone()) {
                throw new AssertionError(
                        "%s %s exited with %d: %s %s"
                                .formatted(
                                        tool,
                                        List.of(arguments),
                                        outcome.exit(),
                                        outcome.out(),
                                        outcome.err()));
            }
            return outcome.out();
        }

        /** Starts a command; the caller ends it. */
        public Process start(String... arguments) throws IOException {
            return clean(new ProcessBuilder(line(arguments)))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        }
    }

    private static ProcessBuilder clean(ProcessBuilder builder) {
        builder.environment().keySet().removeIf(name -> name.startsWith("PGBACKREST_"));
        return builder;
    }

    private static Outcome execute(List<String> line) {
        try {
            Process process = clean(new ProcessBuilder(line)).start();
            process.getOutputStream().close();
            CompletableFuture<String> err =
                    CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
            String out = text(process.getInputStream());
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        line + " did not end within " + LIMIT_SECONDS + " s");
            }
            return new Outcome(process.exitValue(), out, err.join());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + line, e);
        }
    }

    private static String text(java.io.InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
