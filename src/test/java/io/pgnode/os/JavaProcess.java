package io.pgnode.os;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A main class of the tests as a process of its own. */
public final class JavaProcess {
    private JavaProcess() {}

    /** The command up to and including the main class; quick to start, small. */
    public static List<String> command(Class<?> mainClass) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-Xmx64m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath(),
                        mainClass.getName()));
        return command;
    }

    /**
     * Whether this process was started with the signal ignored, as nohup does with HUP; Java then
     * leaves it ignored, here and in child processes.
     */
    public static boolean ignores(Signal signal) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .anyMatch(ignored -> (ignored >> (signal.number() - 1) & 1) == 1);
    }

    private static String classPath() {
        return String.join(
                File.pathSeparator,
                List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)));
    }
}
