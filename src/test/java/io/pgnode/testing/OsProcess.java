package io.pgnode.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A process that cannot be mistaken for a later one with the same number.
 *
 * @param startTicks start time in clock ticks since boot, field 22 of /proc/PID/stat
 */
public record OsProcess(long pid, long startTicks) {
    private static final int STATE = 0;
    private static final int PARENT = 1;
    private static final int START_TICKS = 19;

    /** The process with this number, if there is one and it has not ended. */
    public static Optional<OsProcess> of(long pid) {
        String[] fields = statAfterName(pid);
        return fields.length <= START_TICKS || fields[STATE].equals("Z")
                ? Optional.empty()
                : Optional.of(new OsProcess(pid, Long.parseLong(fields[START_TICKS])));
    }

    /** Reads a lock file of the form "pid startTicks". */
    public static Optional<OsProcess> fromLockFile(Path file) {
        try {
            String[] words = Files.readString(file).strip().split("\\s+", -1);
            if (words.length < 2) {
                return Optional.empty();
            }
            var named = new OsProcess(Long.parseLong(words[0]), Long.parseLong(words[1]));
            return named.isAlive() ? Optional.of(named) : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The postmaster of a data directory, by its postmaster.pid. */
    public static Optional<OsProcess> postmasterOf(Path dataDir) {
        try (Stream<String> lines = Files.lines(dataDir.resolve("postmaster.pid"))) {
            return lines.findFirst()
                    .flatMap(line -> of(Long.parseLong(line.strip())))
                    .filter(found -> found.worksIn(dataDir));
        } catch (IOException | UncheckedIOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /**
     * Processes that have to do with this directory: they work in it, or their command line or
     * environment names it.
     */
    public static List<OsProcess> touching(Path directory) {
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> Character.isDigit(name.charAt(0)))
                    .map(Long::parseLong)
                    .filter(pid -> pid != ProcessHandle.current().pid())
                    .flatMap(pid -> of(pid).stream())
                    .filter(process -> process.worksIn(directory) || process.names(directory))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Kills what {@link #touching} finds, until nothing is found; children that appear meanwhile
     * included.
     */
    public static void killAllTouching(Path directory) {
        long giveUp = System.nanoTime() + 10_000_000_000L;
        List<OsProcess> left = touching(directory);
        while (!left.isEmpty()) {
            left.forEach(process -> process.signal(Signal.KILL));
            if (System.nanoTime() > giveUp) {
                throw new IllegalStateException("still running under " + directory + ": " + left);
            }
            Waiting.pause(20);
            left = touching(directory);
        }
    }

    public boolean isAlive() {
        return of(pid).filter(this::equals).isPresent();
    }

    /** Sends a signal unless the process has ended. */
    public void signal(Signal signal) {
        if (isAlive()) {
            signal.send(pid);
        }
    }

    /** The parent's process number; 0 when this process has ended. */
    public long parentPid() {
        String[] fields = statAfterName(pid);
        return fields.length <= PARENT ? 0 : Long.parseLong(fields[PARENT]);
    }

    /**
     * Resident memory without what is shared with other processes (their part of it only), in
     * bytes.
     */
    public long proportionalMemoryBytes() {
        return kilobytes("smaps_rollup", "Pss:") * 1024;
    }

    /** Resident memory in bytes. */
    public long residentMemoryBytes() {
        return kilobytes("status", "VmRSS:") * 1024;
    }

    /** The command line with spaces between the arguments; empty when the process has ended. */
    public String commandLine() {
        return read("cmdline").replace('\0', ' ').strip();
    }

    private boolean worksIn(Path directory) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/cwd")).startsWith(directory);
        } catch (IOException e) {
            return false;
        }
    }

    private boolean names(Path directory) {
        String wanted = directory.toString();
        return read("cmdline").contains(wanted) || read("environ").contains(wanted);
    }

    private long kilobytes(String file, String key) {
        return read(file)
                .lines()
                .filter(line -> line.startsWith(key))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(0);
    }

    private String read(String file) {
        try {
            return Files.readString(
                    Path.of("/proc/" + pid + "/" + file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * The fields after the command name, which may itself hold spaces and parentheses: state,
     * parent, …
     */
    private static String[] statAfterName(long pid) {
        try {
            String stat =
                    Files.readString(
                            Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            return stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1);
        } catch (IOException e) {
            return new String[0];
        }
    }
}
