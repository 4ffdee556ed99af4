package io.pgnode.bench;

import io.pgnode.testing.ClusterUnderTest;
import io.pgnode.testing.OsProcess;
import io.pgnode.testing.Runner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Size on disk, in memory, and the time to start. */
final class Footprint {
    private static final int STARTS = 20;
    private static final double MEGABYTE = 1e6;
    private static final Pattern COMMAND = Pattern.compile("\\s(run|agent|supervisor)(\\s|$)");

    private Footprint() {}

    /** The binary's size and how long {@code pgnode version} takes. */
    static List<Measure> ofProgram(String build, Path runner)
            throws IOException, InterruptedException {
        var measures = new ArrayList<Measure>();
        if (Runner.isNative(runner)) {
            measures.add(
                    plain(build + ": size of the binary", "MB", Files.size(runner) / MEGABYTE));
        }
        Runner.use(runner);
        measures.add(plain(build + ": pgnode version", "ms", timeOfVersion()));
        return measures;
    }

    /**
     * Memory of each process of one idle node; the peer has one process to compare with the agent.
     */
    static List<Measure> ofIdleNode(
            String build, @Nullable List<Memory> ours, @Nullable List<Memory> peer) {
        var measures = new ArrayList<Measure>();
        if (ours != null) {
            for (Memory memory : ours) {
                measures.add(
                        plain(
                                build + ": memory of pgnode " + memory.process(),
                                "MB",
                                memory.residentMegabytes()));
            }
        }
        measures.add(
                new Measure(
                        build + ": memory of all, peer: its agent",
                        "MB",
                        total(ours),
                        total(peer),
                        null,
                        null));
        return measures;
    }

    private static @Nullable Double total(@Nullable List<Memory> processes) {
        return processes == null
                ? null
                : (Double) processes.stream().mapToDouble(Memory::residentMegabytes).sum();
    }

    private static Measure plain(String name, String unit, @Nullable Double value) {
        return new Measure(name, unit, value, null, null, null);
    }

    /** Resident memory of one process. */
    record Memory(String process, double residentMegabytes) {}

    static List<Memory> memoryOf(ClusterUnderTest cluster, int node) {
        return cluster.managementProcesses(node).stream()
                .map(
                        process ->
                                new Memory(
                                        nameOf(process), process.residentMemoryBytes() / MEGABYTE))
                .toList();
    }

    private static String nameOf(OsProcess process) {
        var command = COMMAND.matcher(process.commandLine());
        return command.find() ? command.group(1) : "agent";
    }

    private static @Nullable Double timeOfVersion() throws IOException, InterruptedException {
        var command = new ArrayList<>(Runner.command());
        command.add("version");
        var samples = new Samples();
        for (int i = 0; i < STARTS; i++) {
            long start = System.nanoTime();
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                return null;
            }
            samples.add((System.nanoTime() - start) / 1e6);
        }
        return samples.median();
    }
}
