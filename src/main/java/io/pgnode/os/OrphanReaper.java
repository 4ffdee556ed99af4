package io.pgnode.os;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * Collects ended processes that nobody waits for, where we are the first process of a container and
 * inherit every orphan: a server whose agent died, the children of a killed script.
 *
 * <p>A child of our own is waited for by the Java runtime, which has a thread asleep in waitpid for
 * each and so collects it at once. So what is still a zombie a while after it was first seen as one
 * is an orphan, and nobody's exit status is taken away.
 */
public final class OrphanReaper {
    private static final Duration PERIOD = Duration.ofSeconds(2);
    private static final long FIRST_PROCESS = 1;
    private static final int WNOHANG = 1;

    private final long self;
    private Set<ProcessIdentity> seen = Set.of();

    private OrphanReaper(long self) {
        this.self = self;
    }

    /** Starts a daemon thread when this process is the first one of its pid namespace. */
    public static void startWhereNeeded() {
        if (ProcessHandle.current().pid() == FIRST_PROCESS) {
            OrphanReaper reaper = new OrphanReaper(FIRST_PROCESS);
            Thread.ofPlatform().name("reaper").daemon(true).start(reaper::run);
        }
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(PERIOD);
                reap();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void reap() {
        Set<ProcessIdentity> zombies = zombies();
        for (ProcessIdentity zombie : zombies) {
            if (seen.contains(zombie)) {
                int _ = Libc.get().waitpid((int) zombie.pid(), WNOHANG);
            }
        }
        seen = zombies;
    }

    private Set<ProcessIdentity> zombies() {
        Set<ProcessIdentity> zombies = new HashSet<>();
        try (DirectoryStream<Path> processes =
                Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                ProcessInfo.read(pid)
                        .filter(info -> info.state() == 'Z' && info.parentPid() == self)
                        .ifPresent(info -> zombies.add(info.identity()));
            }
        } catch (IOException | NumberFormatException e) {
            return zombies; // the next time, then
        }
        return zombies;
    }
}
