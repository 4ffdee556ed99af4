package io.pgnode.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code /proc/PID/stat} tells of a process at one moment.
 *
 * @param state the kernel's letter: R running, S sleeping, D in uninterruptible I/O, T stopped, t
 *     traced, Z zombie, X dead
 * @param parentPid 0 when the parent lives outside of this pid namespace
 * @param command first 15 bytes of the program's name
 */
public record ProcessInfo(ProcessIdentity identity, char state, long parentPid, String command) {
    private static final String DELETED = " (deleted)";

    public long pid() {
        return identity.pid();
    }

    /** False for a zombie and for a process that is about to vanish. */
    public boolean isRunning() {
        return state != 'Z' && state != 'X' && state != 'x';
    }

    /** Whether SIGSTOP or a debugger holds it. */
    public boolean isStopped() {
        return state == 'T' || state == 't';
    }

    /** The process with this pid; empty when there is none. */
    public static Optional<ProcessInfo> read(long pid) {
        try {
            byte[] stat = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "stat"));
            return parse(new String(stat, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Parses a line of stat; the program's name may hold blanks and parentheses. */
    static Optional<ProcessInfo> parse(String stat) {
        int open = stat.indexOf('(');
        int close = stat.lastIndexOf(')');
        if (open < 0 || close < open) {
            return Optional.empty();
        }
        // After the name: state, ppid, … ; the start time is field 22 of the whole line.
        String[] fields = stat.substring(close + 1).strip().split(" ", -1);
        if (fields.length < 20) {
            return Optional.empty();
        }
        ProcessIdentity identity =
                new ProcessIdentity(
                        Long.parseLong(stat.substring(0, open).strip()),
                        Long.parseLong(fields[19]));
        return Optional.of(
                new ProcessInfo(
                        identity,
                        fields[0].charAt(0),
                        Long.parseLong(fields[1]),
                        stat.substring(open + 1, close)));
    }

    /** Working directory; empty when the process is gone or belongs to another user. */
    public static Optional<Path> workingDirectory(long pid) {
        return link(pid, "cwd");
    }

    /** Program file; empty when the process is gone or belongs to another user. */
    public static Optional<Path> executable(long pid) {
        return link(pid, "exe");
    }

    private static Optional<Path> link(long pid, String name) {
        try {
            String target =
                    Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), name)).toString();
            // A file replaced by a package upgrade is still the same program.
            return Optional.of(
                    Path.of(
                            target.endsWith(DELETED)
                                    ? target.substring(0, target.length() - DELETED.length())
                                    : target));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
