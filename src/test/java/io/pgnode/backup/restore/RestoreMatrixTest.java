package io.pgnode.backup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.restore.core.RestoreTarget;
import io.pgnode.backup.restore.core.TargetAction;
import io.pgnode.backup.restore.core.TargetTimeline;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of backup, every moment of an interruption, many targets. */
@Tag("soak")
class RestoreMatrixTest {
    private static RestoreLab lab;

    @BeforeAll
    static void makeServer() throws Exception {
        lab = new RestoreLab(RestoreLab.directory());
        lab.commit();
    }

    @AfterAll
    static void removeAll() throws Exception {
        lab.close();
        delete(lab.root());
    }

    /** How a tool makes a repository. */
    record Kind(String version, String compression, boolean bundle, boolean block, boolean cipher) {
        Map<String, String> options() {
            Map<String, String> options = new TreeMap<>();
            options.put("compress-type", compression);
            options.put("repo1-bundle", bundle ? "y" : "n");
            if (block) {
                options.put("repo1-block", "y");
            }
            options.put("process-max", "2");
            if (cipher) {
                options.put("cipher", "");
            }
            return options;
        }
    }

    /** Those that RoundTripMatrixTest does not have, which alternates tools: it has no bz2. */
    static List<Kind> kinds() {
        List<Kind> kinds = new ArrayList<>();
        for (PgBackRest tool : PgBackRest.all()) {
            boolean isFinal = !tool.version().equals(PgBackRest.stock().version());
            for (String compression : List.of("none", "lz4", "zst", "gz", "bz2")) {
                boolean isNew = compression.equals("bz2");
                for (boolean cipher : List.of(false, true)) {
                    if (isFinal || isNew) {
                        kinds.add(new Kind(tool.version(), compression, false, false, cipher));
                        kinds.add(new Kind(tool.version(), compression, true, false, cipher));
                    }
                    if (isFinal && isNew) {
                        kinds.add(new Kind(tool.version(), compression, true, true, cipher));
                    }
                }
            }
        }
        String only = System.getProperty("kind");
        return kinds.stream().filter(it -> only == null || it.toString().matches(only)).toList();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void restoresEveryKindOfBackup(Kind kind) throws Exception {
        PgBackRest tool =
                PgBackRest.all().stream()
                        .filter(it -> it.version().equals(kind.version))
                        .findFirst()
                        .orElseThrow();
        delete(lab.root().resolve("m")); // of a kind that failed
        delete(lab.root().resolve("matrix"));
        restoresAChain(tool, kind.options());
    }

    private static void restoresAChain(PgBackRest tool, Map<String, String> options)
            throws Exception {
        PgBackRest.Configured configured = lab.repository(tool, "matrix", options);
        List<String> labels = new ArrayList<>();
        for (String type : List.of("full", "incr", "diff", "incr")) {
            lab.touch();
            lab.commit();
            labels.add(lab.backup(configured, type));
        }
        for (String label : labels) {
            RestoreRequest request = lab.request(configured, "m").toBuilder().set(label).build();
            try {
                RestoreLab.restore(configured, request);
                RestoreLab.verify(request.dataDir());
            } catch (BackupException | AssertionError e) {
                throw new AssertionError(tool + " " + options + " " + label, e);
            }
            delete(lab.root().resolve("m"));
        }
        RestoreRequest last = lab.request(configured, "m");
        RestoreLab.restore(configured, last);
        try (RestoredServer server = new RestoredServer(last.dataDir()).primary()) {
            assertThat(server.first("SELECT count(*) FROM big")).isEqualTo("40000");
            server.amcheck();
            server.stopAndCheck();
        }
        delete(lab.root().resolve("m"));
        delete(lab.root().resolve("matrix"));
    }

    @Test
    void goesOnAfterEveryStep() throws Exception {
        PgBackRest.Configured configured = latest("steps");
        String full = lab.backup(configured, "full");
        RestoreRequest request =
                lab.request(configured, "s").toBuilder().set(full).workers(1).build();
        AtomicInteger steps = new AtomicInteger();
        RestoreLab.restore(configured, request, _ -> steps.incrementAndGet());
        RestoreRequest delta = request.toBuilder().delta(true).build();
        // Every step of a whole restore, some of them of one that goes on.
        for (int stop = 1; stop <= steps.get(); stop += stop < 60 ? 1 : 37) {
            delete(lab.root().resolve("s"));
            stopAt(configured, request, stop);
            stopAt(configured, delta, 1 + stop / 2);
            RestoreLab.restore(configured, delta);
            RestoreLab.verify(request.dataDir());
        }
        delete(lab.root().resolve("s"));
    }

    private static void stopAt(PgBackRest.Configured configured, RestoreRequest request, int stop)
            throws Exception {
        AtomicInteger seen = new AtomicInteger();
        try {
            RestoreLab.restore(
                    configured,
                    request,
                    what -> {
                        if (seen.incrementAndGet() >= stop) {
                            throw new IOException("stopped: " + what);
                        }
                    });
        } catch (BackupException e) {
            assertThat(e).hasMessageContaining("stopped: ");
        }
    }

    @Test
    void goesOnAfterKills() throws Exception {
        PgBackRest.Configured configured = latest("kills");
        lab.backup(configured, "full");
        RestoreRequest request = lab.request(configured, "k");
        Random random = new Random(4);
        for (int i = 0; i < 15; i++) {
            Process child =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "--enable-native-access=ALL-UNNAMED",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    RestoreChild.class.getName(),
                                    configured.repository().toString(),
                                    request.dataDir().toString(),
                                    lab.root().resolve("k/spaces").toString())
                            .inheritIO()
                            .start();
            if (!child.waitFor(300 + random.nextInt(1500), TimeUnit.MILLISECONDS)) {
                child.destroyForcibly().waitFor();
            }
        }
        RestoreLab.restore(configured, request.toBuilder().delta(true).build());
        RestoreLab.verify(request.dataDir());
        delete(lab.root().resolve("k"));
    }

    @Test
    void recoversToRandomTargets() throws Exception {
        PgBackRest.Configured configured = latest("pitr");
        lab.backup(configured, "full");
        int first = lab.ledger().size();
        for (int i = 0; i < 40; i++) {
            lab.commit();
        }
        lab.server().sql("SELECT pg_create_restore_point('end')");
        lab.switchWal();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 24; i++) {
            RestoreLab.Entry entry = lab.ledger().get(first + 1 + random.nextInt(38));
            boolean exclusive = random.nextBoolean();
            String type = List.of("time", "xid", "lsn").get(i % 3);
            String text =
                    switch (type) {
                        case "time" -> entry.at();
                        case "xid" -> entry.xid();
                        default -> entry.before();
                    };
            RestoreTarget target = RestoreTarget.parse(type, text, exclusive, ZoneOffset.UTC);
            RestoreRequest request =
                    lab.request(configured, "p").toBuilder().target(target).delta(i > 0).build();
            RestoreLab.restore(configured, request);
            try (RestoredServer server = new RestoredServer(request.dataDir()).recovered()) {
                assertThat(server.all("SELECT id FROM ledger ORDER BY id"))
                        .as(seed + " " + target.describe())
                        .isEqualTo(
                                IntStream.rangeClosed(1, entry.id() - (exclusive ? 1 : 0))
                                        .mapToObj(Integer::toString)
                                        .toList());
            }
        }
        delete(lab.root().resolve("p"));
    }

    @Test
    void followsTimelines() throws Exception {
        PgBackRest.Configured configured = latest("timelines");
        lab.backup(configured, "full");
        lab.commit();
        lab.server().sql("SELECT pg_create_restore_point('fork')");
        int fork = lab.ledger().size();
        lab.commit();
        lab.switchWal();
        RestoreRequest forked =
                lab.request(configured, "t").toBuilder()
                        .target(new RestoreTarget.Name("fork"))
                        .action(TargetAction.PROMOTE)
                        .build();
        RestoreLab.restore(configured, forked);
        String push = configured.command("--pg1-path=" + forked.dataDir() + " archive-push %p");
        try (RestoredServer server = new RestoredServer(forked.dataDir(), push).primary()) {
            server.run("INSERT INTO ledger VALUES (1000, 'on the new timeline')");
            String segment = server.first("SELECT pg_walfile_name(pg_current_wal_lsn())");
            server.run("SELECT pg_switch_wal()");
            Waiting.until(
                    Duration.ofSeconds(60),
                    () -> "the new timeline's WAL",
                    () -> {
                        try {
                            return server.first("SELECT last_archived_wal FROM pg_stat_archiver")
                                            .compareTo(segment)
                                    >= 0;
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    });
        }
        RestoreRequest delta =
                forked.toBuilder().target(new RestoreTarget.End()).delta(true).build();
        assertThat(RestoreLab.restore(configured, delta).plan().timelines()).containsExactly(1, 2);
        assertThat(rows(delta)).hasSize(fork + 1).contains("1000");

        RestoreRequest old = delta.toBuilder().timeline(new TargetTimeline.Current()).build();
        assertThat(RestoreLab.restore(configured, old).plan().timelines()).containsExactly(1);
        assertThat(rows(old)).hasSize(lab.ledger().size()).doesNotContain("1000");
        delete(lab.root().resolve("t"));
    }

    private static List<String> rows(RestoreRequest request) throws Exception {
        try (RestoredServer server = new RestoredServer(request.dataDir()).primary()) {
            return server.all("SELECT id FROM ledger ORDER BY id");
        }
    }

    private static PgBackRest.Configured latest(String name) throws Exception {
        boolean hasBlocks = PgBackRest.newer().isPresent();
        return lab.repository(
                PgBackRest.newer().orElseGet(PgBackRest::stock),
                name,
                Map.of(
                        "compress-type",
                        "zst",
                        "repo1-bundle",
                        "y",
                        "repo1-block",
                        hasBlocks ? "y" : "n"));
    }

    private static void delete(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
