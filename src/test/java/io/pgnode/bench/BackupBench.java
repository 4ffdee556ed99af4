package io.pgnode.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pgnode.bench.BackupTool.Commands;
import io.pgnode.bench.BackupTool.Setup;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.Runner;
import io.pgnode.testing.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code make bench-backup}: backups, restores and the archive of WAL beside pgBackRest on the same
 * cluster and the same kind of repository; of ours the native binary and the JVM runner, as far as
 * they are built. Each figure is the median of runs taken in turns. Options: {@code --runs=3},
 * {@code --scale=100} of pgbench, {@code --texts=10000000} rows of random text, {@code
 * --segments=60} of WAL, {@code --only=full,incr,push,get,files}.
 */
final class BackupBench {
    private static final int RUNS = 3;
    private static final int SCALE = 100;
    private static final int TEXTS = 10_000_000;
    private static final int SEGMENTS = 60;
    private static final int TRANSACTIONS = 10_000;
    private static final int FILES = 100_000;
    private static final Duration ARCHIVED = Duration.ofMinutes(5);

    /** What can be measured alone. */
    private enum Part {
        FULL,
        INCR,
        PUSH,
        GET,
        FILES
    }

    private final List<String> options;
    private final Set<Part> parts;
    private final int runs;
    private final List<BackupTool> ours = new ArrayList<>();
    private final BackupTool peer;
    private final BackupTool asyncPeer;
    private final Map<String, Samples> samples = new LinkedHashMap<>();
    private final List<Measure> measures = new ArrayList<>();

    private BackupBench(List<String> options) {
        this.options = List.copyOf(options);
        this.parts =
                option("--only").map(BackupBench::parts).orElseGet(() -> EnumSet.allOf(Part.class));
        this.runs = number("--runs", RUNS);
        Path program = PgBackRest.stock().program();
        this.peer = new BackupTool.Peer(program, false);
        this.asyncPeer = new BackupTool.Peer(program, true);
        Runner.built().forEach(runner -> ours.add(BackupTool.Ours.of(runner)));
    }

    /** Measures, prints the table and writes target/bench/backup.json. */
    static void run(List<String> options) throws Exception {
        var bench = new BackupBench(options);
        try (BackupRig rig = new BackupRig()) {
            rig.start(bench.number("--scale", SCALE), bench.number("--texts", TEXTS));
            bench.measure(rig);
        } finally {
            if (!bench.measures.isEmpty()) {
                var report = new BenchReport(bench.measures);
                System.out.println(report.table());
                report.write(Path.of("target/bench/backup.json"));
            }
        }
    }

    private static Set<Part> parts(String names) {
        Set<Part> parts = EnumSet.noneOf(Part.class);
        for (String name : names.split(",", -1)) {
            parts.add(Part.valueOf(name.toUpperCase(Locale.ROOT)));
        }
        return parts;
    }

    private Optional<String> option(String name) {
        return options.stream()
                .filter(o -> o.startsWith(name + "="))
                .map(o -> o.substring(name.length() + 1))
                .findFirst();
    }

    private int number(String name, int otherwise) {
        return option(name).map(Integer::parseInt).orElse(otherwise);
    }

    private void measure(BackupRig rig) throws Exception {
        if (parts.contains(Part.FULL)) {
            fullAndRestore(rig, "zst", 1);
            fullAndRestore(rig, "zst", 2);
            fullAndRestore(rig, "lz4", 1);
            fullAndRestore(rig, "lz4", 2);
        }
        if (parts.contains(Part.INCR)) {
            incremental(rig);
        }
        if (parts.contains(Part.PUSH) || parts.contains(Part.GET)) {
            archive(rig);
        }
        if (parts.contains(Part.FILES)) {
            manyFiles(rig);
        }
    }

    private List<BackupTool> tools() {
        List<BackupTool> tools = new ArrayList<>(ours);
        tools.add(peer);
        return tools;
    }

    // ------------------------------------------------------------------ full, restore, size

    private void fullAndRestore(BackupRig rig, String compress, int workers) throws Exception {
        String what = compress + ", " + workers + (workers == 1 ? " worker" : " workers");
        for (int run = 0; run < runs; run++) {
            for (BackupTool tool : tools()) {
                Path repository = Files.createTempDirectory(rig.repositories, "full-");
                Commands commands =
                        tool.configure(rig, new Setup(repository, rig.data(), compress, workers));
                begin(rig, commands);
                double seconds = BackupRig.run(commands.backup("full")).seconds();
                JsonNode info = newest(commands);
                double megabytes = info.path("size").asLong() / 1e6;
                add(tool, "full " + what, megabytes / seconds);
                add(tool, "stored " + what, info.at("/repository/delta").asLong() / 1e6);
                Path target = Files.createTempDirectory(rig.root, "restored-");
                Commands restoring =
                        tool.configure(rig, new Setup(repository, target, compress, workers));
                double restore = BackupRig.run(restoring.restore()).seconds();
                add(tool, "restore " + what, megabytes / restore);
                BackupRig.deleteTree(target);
                BackupRig.deleteTree(repository);
                System.out.printf(
                        Locale.ROOT,
                        "%s %s: %.0f MB, full %.2f s, restore %.2f s%n",
                        tool.name(),
                        what,
                        megabytes,
                        seconds,
                        restore);
            }
        }
        for (BackupTool tool : ours) {
            row(tool, "full " + what, "MB/s", Measure.Judged.RATIO_AT_LEAST, 1.0, 1.5);
            if (compress.equals("zst")) {
                row(tool, "restore " + what, "MB/s", Measure.Judged.RATIO_AT_LEAST, 1.0, 1.5);
            } else {
                row(tool, "restore " + what, "MB/s", Measure.Judged.RATIO_AT_LEAST, null, null);
            }
            row(tool, "stored " + what, "MB", Measure.Judged.RATIO_AT_MOST, 1.05, 0.95);
        }
    }

    private static void begin(BackupRig rig, Commands commands) throws Exception {
        rig.archiveBy(commands.archivePush());
        BackupRig.run(commands.stanzaCreate());
    }

    /** The sizes of the newest backup. */
    private static JsonNode newest(Commands commands) throws Exception {
        JsonNode backups =
                new ObjectMapper()
                        .readTree(BackupRig.run(commands.info()).output())
                        .path(0)
                        .path("backup");
        return backups.path(backups.size() - 1).path("info");
    }

    // ------------------------------------------------------------------ incremental

    private void incremental(BackupRig rig) throws Exception {
        Map<BackupTool, Commands> all = fullBackups(rig, tools(), "zst");
        // What pgbench writes compresses thirty times as a whole: without compression, too.
        Map<BackupTool, Commands> plain = fullBackups(rig, List.of(ours.getFirst(), peer), "none");
        for (int run = 0; run < runs; run++) {
            for (Map.Entry<BackupTool, Commands> one : all.entrySet()) {
                rig.archiveBy(one.getValue().archivePush());
                add(
                        one.getKey(),
                        "incremental without changes",
                        BackupRig.run(one.getValue().backup("incr")).seconds());
            }
        }
        rig.transactions(TRANSACTIONS);
        for (Map.Entry<BackupTool, Commands> one : all.entrySet()) {
            add(
                    one.getKey(),
                    "incremental after 10 000 transactions",
                    storeChanges(rig, one.getKey(), one.getValue(), "zst"));
        }
        for (Map.Entry<BackupTool, Commands> one : plain.entrySet()) {
            storeChanges(rig, one.getKey(), one.getValue(), "none");
        }
        for (BackupTool tool : ours) {
            row(tool, "incremental without changes", "s", Measure.Judged.RATIO_AT_MOST, 1.0, 0.5);
            row(tool, stored("zst"), "MB", Measure.Judged.RATIO_AT_MOST, 0.1, 0.05);
            row(
                    tool,
                    "incremental after 10 000 transactions",
                    "s",
                    Measure.Judged.RATIO_AT_MOST,
                    null,
                    null);
        }
        row(ours.getFirst(), stored("none"), "MB", Measure.Judged.RATIO_AT_MOST, 0.1, 0.05);
    }

    private static Map<BackupTool, Commands> fullBackups(
            BackupRig rig, List<BackupTool> tools, String compress) throws Exception {
        Map<BackupTool, Commands> all = new LinkedHashMap<>();
        for (BackupTool tool : tools) {
            Path repository = Files.createTempDirectory(rig.repositories, "incr-");
            Commands commands = tool.configure(rig, new Setup(repository, rig.data(), compress, 2));
            begin(rig, commands);
            BackupRig.run(commands.backup("full"));
            all.put(tool, commands);
        }
        return all;
    }

    private static String stored(String compress) {
        return "incremental after 10 000 transactions, stored, " + compress;
    }

    /** Returns the seconds it took. */
    private double storeChanges(BackupRig rig, BackupTool tool, Commands commands, String compress)
            throws Exception {
        rig.archiveBy(commands.archivePush());
        double seconds = BackupRig.run(commands.backup("incr")).seconds();
        add(tool, stored(compress), newest(commands).at("/repository/delta").asLong() / 1e6);
        return seconds;
    }

    // ------------------------------------------------------------------ WAL

    private void archive(BackupRig rig) throws Exception {
        int segments = number("--segments", SEGMENTS);
        List<BackupTool> all = tools();
        all.add(asyncPeer);
        for (int run = 0; run < runs; run++) {
            for (BackupTool tool : all) {
                Path repository = Files.createTempDirectory(rig.repositories, "wal-");
                Commands commands =
                        tool.configure(rig, new Setup(repository, rig.data(), "zst", 2));
                BackupRig.run(commands.stanzaCreate());
                List<String> waiting = rig.fillWal(segments);
                long begin = System.nanoTime(); // who looks ahead begins at once
                try (Resident _ = Resident.start(rig, commands.resident())) {
                    add(tool, "archive-push", push(rig, commands, waiting, begin));
                    add(tool, "archive-get", get(rig, commands, waiting));
                }
                BackupRig.deleteTree(repository);
            }
        }
        for (BackupTool tool : ours) {
            row(tool, "archive-push", "seg/s", Measure.Judged.RATIO_AT_LEAST, 2.0, 4.0);
            beside(tool, asyncPeer, "archive-push", "seg/s");
            row(tool, "archive-get", "seg/s", Measure.Judged.RATIO_AT_LEAST, 2.0, 4.0);
            beside(tool, asyncPeer, "archive-get", "seg/s");
        }
    }

    /** By PostgreSQL's own archiver. */
    private static double push(BackupRig rig, Commands commands, List<String> waiting, long begin)
            throws Exception {
        rig.archiveBy(commands.archivePush());
        rig.letArchive();
        Waiting.until(
                ARCHIVED,
                () -> "not everything is archived",
                () -> {
                    try {
                        List<String> ready = rig.ready();
                        return waiting.stream().noneMatch(ready::contains);
                    } catch (IOException e) {
                        return false;
                    }
                });
        return waiting.size() / ((System.nanoTime() - begin) / 1e9);
    }

    /** One after the other, as a recovery asks. */
    private static double get(BackupRig rig, Commands commands, List<String> segments)
            throws Exception {
        Path destination = rig.data().resolve("pg_wal/RECOVERYXLOG");
        double seconds = 0;
        for (String segment : segments) {
            seconds += BackupRig.run(commands.archiveGet(segment, destination)).seconds();
            Files.delete(destination);
        }
        return segments.size() / seconds;
    }

    /** The process that stays. */
    private record Resident(@Nullable Process process) implements AutoCloseable {
        private static final Duration START = Duration.ofSeconds(20);

        static Resident start(BackupRig rig, @Nullable List<String> words) throws IOException {
            if (words == null) {
                return new Resident(null);
            }
            Path log = Files.createTempFile(rig.root, "archiver-", ".log");
            Process process =
                    new ProcessBuilder(words)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            Path config = Path.of(words.getLast().substring("--config=".length()));
            Waiting.until(
                    START,
                    () -> "the archiver does not listen: " + log,
                    () -> Files.exists(config.resolveSibling("archiver.sock")));
            return new Resident(process);
        }

        @Override
        public void close() {
            if (process == null) {
                return;
            }
            process.destroy();
            try {
                if (!process.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    // ------------------------------------------------------------------ memory

    private void manyFiles(BackupRig rig) throws Exception {
        rig.addFiles(FILES);
        for (BackupTool tool : tools()) {
            Path repository = Files.createTempDirectory(rig.repositories, "files-");
            Commands commands = tool.configure(rig, new Setup(repository, rig.data(), "lz4", 2));
            begin(rig, commands);
            add(
                    tool,
                    "peak memory with 100 000 files",
                    BackupRig.run(commands.backup("full")).peakMegabytes());
            BackupRig.deleteTree(repository);
        }
        for (BackupTool tool : ours) {
            row(
                    tool,
                    "peak memory with 100 000 files",
                    "MB",
                    Measure.Judged.OURS_AT_MOST,
                    300.0,
                    150.0);
        }
    }

    // ------------------------------------------------------------------ the table

    private void add(BackupTool tool, String what, double value) {
        samples.computeIfAbsent(tool.name() + ": " + what, _ -> new Samples()).add(value);
    }

    private @Nullable Double median(BackupTool tool, String what) {
        Samples of = samples.get(tool.name() + ": " + what);
        return of == null ? null : of.median();
    }

    private void row(
            BackupTool tool,
            String what,
            String unit,
            Measure.Judged judged,
            @Nullable Double must,
            @Nullable Double aim) {
        measures.add(
                new Measure(
                        tool.name() + ": " + what,
                        unit,
                        median(tool, what),
                        median(peer, what),
                        must,
                        aim,
                        judged));
    }

    private void beside(BackupTool tool, BackupTool other, String what, String unit) {
        measures.add(
                new Measure(
                        tool.name() + ": " + what + ", peer: " + other.name(),
                        unit,
                        median(tool, what),
                        median(other, what),
                        null,
                        null));
    }

    static List<String> words(String text) {
        return Arrays.stream(text.split(" ", -1)).filter(word -> !word.isEmpty()).toList();
    }
}
