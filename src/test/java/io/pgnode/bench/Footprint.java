package io.pgnode.bench;

import io.pgnode.testing.ClusterUnderTest;
import io.pgnode.testing.OsProcess;
import io.pgnode.testing.Runner;
import java.io.IOException;
import java.nio.file.Files;
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
    static List<Measure> ofProgram() throws IOException, InterruptedException {
        Double size =
                Runner.nativeBinary().isPresent()
                        ? (Double) (Files.size(Runner.nativeBinary().get()) / MEGABYTE)
                        : null;
        var measures = new ArrayList<Measure>();
        measures.add(new Measure("native binary", "MB", size, null, null, null));
        if (Runner.isBuilt()) {
            String kind = size == null ? "JVM runner" : "native";
            measures.add(
                    new Measure(
                            "pgnode version, " + kind, "ms", timeOfVersion(), null, null, null));
        }
        return measures;
    }

    /**
     * Memory of each process of one idle node; the peer has one process to compare with the agent.
     */
    static List<Measure> ofIdleNode(@Nullable List<Memory> ours, @Nullable List<Memory> peer) {
        var measures = new ArrayList<Measure>();
        Double peerTotal =
                peer == null
                        ? null
                        : (Double) peer.stream().mapToDouble(Memory::residentMegabytes).sum();
        if (ours != null) {
            for (Memory memory : ours) {
                measures.add(
                        new Measure(
                                "memory of pgnode " + memory.process(),
                                "MB",
                                memory.residentMegabytes(),
                                null,
                                null,
                                null));
            }
            double total = ours.stream().mapToDouble(Memory::residentMegabytes).sum();
            measures.add(
                    new Measure(
                            "memory of all, peer: its agent", "MB", total, peerTotal, null, null));
        } else if (peerTotal != null) {
            measures.add(
                    new Measure(
                            "memory of all, peer: its agent", "MB", null, peerTotal, null, null));
        }
        return measures;
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
