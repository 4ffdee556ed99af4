package io.pgnode.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How many files a process may have open at most here. */
final class DescriptorLimit {
    private static final String LINE = "Max open files";
    private static final int ENOUGH = 60_000;

    private DescriptorLimit() {}

    /** As far as a process may raise its own limit; more than enough is enough. */
    static int hard() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith(LINE)) {
                String hard = line.substring(LINE.length()).strip().split(" +", -1)[1];
                return hard.matches("[0-9]{1,9}")
                        ? Math.min(Integer.parseInt(hard), ENOUGH)
                        : ENOUGH;
            }
        }
        return ENOUGH;
    }

    /** The command with this limit, which some programs do not raise by themselves. */
    static List<String> raised(List<String> command) throws IOException {
        int hard = hard();
        List<String> all = new ArrayList<>(List.of("prlimit", "--nofile=" + hard + ":" + hard));
        all.addAll(command);
        return all;
    }
}
