package io.pgnode.postgres;

import io.pgnode.guard.Fence;
import io.pgnode.os.Detached;
import io.pgnode.os.PidFd;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.ProcessInfo;
import io.pgnode.os.ProcessTree;
import io.pgnode.os.Signal;
import io.pgnode.os.Signals;
import io.pgnode.postgres.core.PidFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The server process of the data directory, whoever started it.
 *
 * <p>Its end is noticed within milliseconds. Backends that outlive a killed postmaster are killed
 * before the end is announced: they could still acknowledge commits, and would keep the next start
 * from its shared memory. Thread-safe.
 */
final class Postmaster implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Postmaster.class);
    private static final Duration SURVIVORS_LIMIT = Duration.ofSeconds(5);

    private static final Pattern RECOVERING =
            Pattern.compile("startup recovering ([0-9A-F]{8})[0-9A-F]{16}");
    private static final int ANNOUNCE_SECONDS = 1;
    private static final long PAUSE_NANOS = 1_000_000;

    private final DataDirectory data;
    private final LongSupplier clock;
    private final Runnable onExit;
    private final ReentrantLock lock = new ReentrantLock();

    private @Nullable PidFd watch;
    private volatile @Nullable ProcessIdentity process;
    private volatile @Nullable CountDownLatch lastExit;
    private volatile @Nullable Thread announcer;

    Postmaster(DataDirectory data, LongSupplier clock, Runnable onExit) {
        this.data = data;
        this.clock = clock;
        this.onExit = onExit;
    }

    /** The process that is being watched; empty when none runs. */
    Optional<ProcessIdentity> process() {
        ProcessIdentity known = process;
        return known != null && known.isAlive() ? Optional.of(known) : Optional.empty();
    }

    /** Looks for a running server of this data directory and watches it from then on. */
    Optional<ProcessIdentity> find() {
        Optional<ProcessIdentity> known = process();
        if (known.isPresent()) {
            return known;
        }
        Optional<ProcessIdentity> found = data.pidFile().flatMap(this::identify);
        found.ifPresent(this::watch);
        return found;
    }

    /**
     * The live process that a pid file means: a postgres in this directory that is not younger than
     * the file says. A pid that was used again has another program or another directory.
     */
    private Optional<ProcessIdentity> identify(PidFile file) {
        if (file.pid() <= 1) {
            return Optional.empty();
        }
        return ProcessInfo.read(file.pid())
                .filter(ProcessInfo::isRunning)
                .filter(info -> info.pid() != ProcessHandle.current().pid())
                .filter(info -> isServerHere(info.pid()))
                .map(ProcessInfo::identity);
    }

    private boolean isServerHere(long pid) {
        boolean isHere = ProcessInfo.workingDirectory(pid).filter(this::isDataDir).isPresent();
        return isHere && isServerProgram(pid);
    }

    private static boolean isServerProgram(long pid) {
        return ProcessInfo.executable(pid)
                .map(program -> program.getFileName().toString())
                .filter(name -> name.equals("postgres") || name.equals("edb-postgres"))
                .isPresent();
    }

    private boolean isDataDir(Path directory) {
        try {
            return directory.equals(data.path()) || directory.equals(data.path().toRealPath());
        } catch (IOException e) {
            return false;
        }
    }

    /** Starts a server in a session of its own. */
    ProcessIdentity start(List<String> command, Map<String, String> environment, Path log)
            throws PostgresException {
        try {
            ProcessIdentity started = Detached.start(command, environment, log);
            watch(started);
            return started;
        } catch (IOException e) {
            throw new PostgresException(
                    "cannot start " + command.getFirst() + ": " + e.getMessage(), e);
        }
    }

    private void watch(ProcessIdentity found) {
        lock.lock();
        try {
            if (found.equals(process)) {
                return;
            }
            if (watch != null) {
                watch.close();
            }
            CountDownLatch announced = new CountDownLatch(1);
            process = found;
            lastExit = announced;
            watch = PidFd.onExit(found, () -> ended(found, announced));
        } finally {
            lock.unlock();
        }
    }

    private void ended(ProcessIdentity dead, CountDownLatch announced) {
        announcer = Thread.currentThread();
        killSurvivors();
        lock.lock();
        try {
            if (dead.equals(process)) {
                process = null;
            }
        } finally {
            lock.unlock();
        }
        try {
            onExit.run();
        } finally {
            announced.countDown();
        }
    }

    /**
     * Waits until the listeners have heard of the end, so that who asked for it can tell it from a
     * crash. Returns at once on the thread that tells them.
     */
    void awaitAnnounced() {
        CountDownLatch announced = lastExit;
        if (announced == null || Thread.currentThread().equals(announcer)) {
            return;
        }
        try {
            if (!announced.await(ANNOUNCE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("the listeners of the server's end take long");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * False when it is gone.
     *
     * @throws PostgresException when the kernel refuses
     */
    boolean signal(Signal signal) throws PostgresException {
        Optional<ProcessIdentity> target = find();
        if (target.isEmpty()) {
            return false;
        }
        try {
            return Signals.send(target.get(), signal);
        } catch (IOException e) {
            throw new PostgresException(e.getMessage() == null ? e.toString() : e.getMessage(), e);
        }
    }

    /** Whether nothing of the server is left. */
    boolean isGone() {
        return find().isEmpty() && survivors().isEmpty();
    }

    /** Ends the postmaster and all that belongs to it, now; what writes is dead when it returns. */
    void killTree() {
        Optional<ProcessIdentity> known = process();
        known.ifPresent(victim -> Fence.kill(victim, Fence.DEFAULT_GRACE));
        killSurvivors();
        known.ifPresent(_ -> awaitAnnounced());
    }

    /** Whether SIGSTOP or a debugger holds it: it will not see any other signal but SIGKILL. */
    boolean isFrozen() {
        return process()
                .flatMap(known -> ProcessInfo.read(known.pid()))
                .filter(ProcessInfo::isStopped)
                .isPresent();
    }

    /**
     * The timeline of the WAL file that the startup process reads, from its process title; zero
     * when it does not tell. No SQL function tells it before the next restart point.
     */
    int replayTimeline() {
        int found = 0;
        for (ProcessIdentity child :
                process().map(known -> ProcessTree.descendants(known.pid())).orElse(List.of())) {
            found = Math.max(found, replayTimeline(child.pid()));
        }
        return found;
    }

    private static int replayTimeline(long pid) {
        try {
            Matcher title =
                    RECOVERING.matcher(
                            Files.readString(Path.of("/proc", Long.toString(pid), "cmdline")));
            return title.find() ? Integer.parseUnsignedInt(title.group(1), 16) : 0;
        } catch (IOException e) {
            return 0; // it ended
        }
    }

    /** Kills backends without a postmaster, and waits until the kernel has ended them. */
    void killSurvivors() {
        Deadline deadline = Deadline.in(SURVIVORS_LIMIT, clock);
        List<ProcessIdentity> left = survivors();
        while (!left.isEmpty() && !deadline.hasPassed()) {
            left.forEach(Postmaster::kill);
            LockSupport.parkNanos(PAUSE_NANOS);
            left = survivors();
        }
        if (!left.isEmpty()) {
            LOG.errorf("backends do not die after SIGKILL processes=%s", left);
        }
    }

    /** Server processes that work in this directory but are not below a live postmaster. */
    private List<ProcessIdentity> survivors() {
        long live = process().map(ProcessIdentity::pid).orElse(-1L);
        List<ProcessIdentity> found = new ArrayList<>();
        for (ProcessInfo info : ProcessTree.all()) {
            boolean candidate =
                    info.isRunning()
                            && info.command().startsWith("postgres")
                            && info.pid() != live
                            && info.parentPid() != live;
            if (candidate && isServerHere(info.pid())) {
                found.add(info.identity());
            }
        }
        return found;
    }

    private static void kill(ProcessIdentity victim) {
        try {
            Signals.send(victim, Signal.KILL);
        } catch (IOException e) {
            LOG.errorf("cannot kill a backend pid=%d error=%s", victim.pid(), e.getMessage());
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (watch != null) {
                watch.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
