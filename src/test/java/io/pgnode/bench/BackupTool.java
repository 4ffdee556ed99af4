package io.pgnode.bench;

import io.pgnode.testing.Runner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of those that are compared: it makes its configuration and its command lines. */
sealed interface BackupTool {
    /** The stanza of all. */
    String STANZA = "bench";

    String name();

    /**
     * A repository with one way to compress.
     *
     * @param data PGDATA, which is backed up or restored into
     */
    record Setup(Path repository, Path data, String compress, int workers) {}

    /** Writes the configuration; gives the words before each command. */
    Commands configure(BackupRig rig, Setup setup) throws IOException;

    /** The command lines of one configuration. */
    interface Commands {
        List<String> stanzaCreate();

        /**
         * @param type full or incr
         */
        List<String> backup(String type);

        List<String> restore();

        /** For the shell, without the path of the segment. */
        String archivePush();

        List<String> archiveGet(String segment, Path destination);

        /** In pgBackRest's JSON. */
        List<String> info();

        /** What stays while WAL is archived or fetched; null when there is nothing. */
        @Nullable List<String> resident();
    }

    /** pgBackRest. */
    record Peer(Path program, boolean isAsync) implements BackupTool {
        @Override
        public String name() {
            return isAsync ? "pgBackRest async" : "pgBackRest";
        }

        @Override
        public Commands configure(BackupRig rig, Setup setup) throws IOException {
            Path own = Files.createTempDirectory(rig.root, "peer-");
            Path file =
                    Files.writeString(
                            own.resolve("pgbackrest.conf"),
                            """
                            [global]
                            repo1-path=%s
                            repo1-bundle=y
                            repo1-retention-full=9
                            compress-type=%s
                            process-max=%d
                            start-fast=y
                            archive-async=%s
                            lock-path=%s
                            log-path=%s
                            spool-path=%s
                            log-level-console=error
                            log-level-file=off
                            [%s]
                            pg1-path=%s
                            pg1-socket-path=%s
                            pg1-port=%d
                            pg1-user=postgres
                            """
                                    .formatted(
                                            setup.repository(),
                                            setup.compress(),
                                            setup.workers(),
                                            isAsync ? "y" : "n",
                                            own.resolve("lock"),
                                            own,
                                            own.resolve("spool"),
                                            STANZA,
                                            setup.data(),
                                            rig.root,
                                            rig.port));
            List<String> words =
                    List.of(program.toString(), "--config=" + file, "--stanza=" + STANZA);
            return new Commands() {
                @Override
                public List<String> stanzaCreate() {
                    return with(words, "stanza-create");
                }

                @Override
                public List<String> backup(String type) {
                    return with(words, "--type=" + type, "backup");
                }

                @Override
                public List<String> restore() {
                    return with(words, "restore");
                }

                @Override
                public String archivePush() {
                    return String.join(" ", with(words, "archive-push"));
                }

                @Override
                public List<String> archiveGet(String segment, Path destination) {
                    return with(words, "archive-get", segment, destination.toString());
                }

                @Override
                public List<String> info() {
                    return with(words, "info", "--output=json");
                }

                @Override
                public @Nullable List<String> resident() {
                    return null;
                }
            };
        }
    }

    /** One of our builds. */
    record Ours(String name, List<String> program) implements BackupTool {
        static Ours of(Path runner) {
            Runner.use(runner);
            return new Ours(Runner.isNative(runner) ? "native" : "JVM", Runner.command());
        }

        @Override
        public Commands configure(BackupRig rig, Setup setup) throws IOException {
            Path own = Files.createTempDirectory(rig.root, "ours-");
            Path file =
                    Files.writeString(
                            own.resolve("pgnode.yml"),
                            """
                            cluster: %s
                            seq: 1
                            address: 127.0.0.1
                            run-dir: %s
                            dcs:
                              endpoints: %s
                            postgresql:
                              data-dir: %s
                              port: %d
                              socket-dir: %s
                            backup:
                              schedule: {enabled: false}
                              lock-path: %s
                              workers: %d
                              compress:
                                type: %s
                              archive:
                                workers: %d
                              repositories:
                                1:
                                  path: %s
                                  retention:
                                    full: 9
                            """
                                    .formatted(
                                            STANZA,
                                            own,
                                            rig.store(),
                                            setup.data(),
                                            rig.port,
                                            rig.root,
                                            own.resolve("lock"),
                                            setup.workers(),
                                            setup.compress(),
                                            setup.workers(),
                                            setup.repository()));
            String config = "--config=" + file;
            return new Commands() {
                @Override
                public List<String> stanzaCreate() {
                    return with(program, "backup", "stanza-create", config);
                }

                @Override
                public List<String> backup(String type) {
                    return with(program, "backup", type, config);
                }

                @Override
                public List<String> restore() {
                    return with(program, "restore", config);
                }

                @Override
                public String archivePush() {
                    return String.join(" ", with(program, "archive-push", config));
                }

                @Override
                public List<String> archiveGet(String segment, Path destination) {
                    return with(program, "archive-get", config, segment, destination.toString());
                }

                @Override
                public List<String> info() {
                    return with(program, "backup", "info", config, "-o", "json");
                }

                @Override
                public List<String> resident() {
                    return with(program, "archiver", config);
                }
            };
        }
    }

    private static List<String> with(List<String> words, String... more) {
        List<String> all = new ArrayList<>(words);
        all.addAll(List.of(more));
        return all;
    }
}
