package io.pgnode.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What processes have used of the processors, user and system, with all their threads. */
final class ProcessorTime {
    private static final int USER = 11;
    private static final int SYSTEM = 12;
    private static final long TICK_MICROS = 10_000;

    private ProcessorTime() {}

    /** Since they began, in microseconds; counted in ticks of 10 ms. */
    static long micros(List<Long> processes) throws IOException {
        long ticks = 0;
        for (long pid : processes) {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            ticks += Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]);
        }
        return ticks * TICK_MICROS;
    }
}
