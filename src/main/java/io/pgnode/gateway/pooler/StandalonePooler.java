package io.pgnode.gateway.pooler;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.pgnode.gateway.pooler.console.PoolerMetrics;
import io.pgnode.gateway.pooler.console.Shutdown;
import io.pgnode.gateway.pooler.ini.IniKey;
import io.pgnode.gateway.pooler.ini.IniKeys;
import io.pgnode.gateway.pooler.ini.IniProblem;
import io.pgnode.gateway.pooler.ini.PoolerIni;
import io.pgnode.gateway.pooler.ini.PoolerIniReader;
import io.pgnode.metrics.MetricSource;
import io.pgnode.net.EventLoops;
import io.pgnode.net.Gate;
import io.pgnode.net.HandOverClaim;
import io.pgnode.net.HandOverDesk;
import io.pgnode.net.Listeners;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A pooler that runs from PgBouncer's files. {@link #reload} and {@link #set} block and may be
 * called by any thread.
 */
public final class StandalonePooler implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(StandalonePooler.class);
    private static final int MOCK_SEED_BYTES = 32;
    private static final long LOOK_MILLIS = 50;
    private static final Duration HAND_OVER_LIMIT = Duration.ofSeconds(10);

    private final Path file;
    private final EventLoops loops;
    private final Pooler pooler;
    private final SetupReader.Means means;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, String> overrides = new LinkedHashMap<>();
    private final Gate gate;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final MetricSource metrics;
    private volatile PoolerIni ini;
    private @Nullable HandOverDesk offer;

    private StandalonePooler(
            Path file, EventLoops loops, Pooler pooler, SetupReader.Means means, PoolerIni ini) {
        this.file = file;
        this.loops = loops;
        this.pooler = pooler;
        this.means = means;
        this.ini = ini;
        this.gate = pooler.listeners().gate();
        IniConsoleSetup console = new IniConsoleSetup(this);
        this.metrics = new PoolerMetrics(pooler.desk(), console);
        pooler.desk().open(console, () -> SetupReader.declared(pooler.setup(), this.ini));
        pooler.adminDoor(pooler.desk()::enter);
    }

    /** The pooler's numbers. */
    public MetricSource metrics() {
        return metrics;
    }

    /**
     * Waits until an admin has shut the pooler down.
     *
     * @return false when the limit passed first
     */
    public boolean awaitEnd(Duration limit) throws InterruptedException {
        return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Waits until an admin has shut the pooler down. */
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /** As if an admin had shut the pooler down at once. */
    public void end() {
        ended.countDown();
    }

    /** As an admin's {@code SHUTDOWN}. */
    public void shutDown(Shutdown how) {
        pooler.desk().ending().begin(how);
    }

    /** Whether the pooler was told to end, and waits for clients or servers. */
    public boolean isEnding() {
        return pooler.desk().ending().hasBegun();
    }

    public boolean isPaused() {
        return pooler.desk().isPaused(null);
    }

    /** As an admin's {@code PAUSE} of all, without waiting: servers are closed when released. */
    public void pause() {
        ConsoleDesk desk = pooler.desk();
        desk.pause(null);
        Thread.ofVirtual().name("pause").start(() -> closeReleased(desk));
    }

    private static void closeReleased(ConsoleDesk desk) {
        while (desk.isPaused(null) && !desk.isReleased(null)) {
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** As an admin's {@code RESUME} of all. */
    public void resume() {
        pooler.desk().resume(null);
    }

    /** The files are wrong; nothing was started. */
    public static final class BadFiles extends Exception {
        private final List<IniProblem> problems;

        BadFiles(List<IniProblem> problems) {
            super(problems.toString());
            this.problems = List.copyOf(problems);
        }

        public List<IniProblem> problems() {
            return problems;
        }
    }

    /**
     * Reads the files and listens.
     *
     * @param loops event loops; one a core
     */
    public static StandalonePooler start(Path file, int loops, SecureRandom random)
            throws IOException, BadFiles {
        return start(file, loops, random, false);
    }

    /**
     * @param takesOver the listeners of the pooler that is there, which ends when its clients have
     *     left; as {@link #start} when none is there
     */
    public static StandalonePooler start(
            Path file, int loops, SecureRandom random, boolean takesOver)
            throws IOException, BadFiles {
        PoolerIni ini;
        Secrets secrets = new Secrets(random);
        EventLoops eventLoops = new EventLoops("pooler", loops);
        ExecutorService workers = workers();
        SetupReader.Means means =
                new SetupReader.Means(
                        new AuthQuery(eventLoops, secrets, workers, System::nanoTime),
                        workers,
                        secrets,
                        secrets.bytes(MOCK_SEED_BYTES),
                        openDescriptors());
        PoolerSetup setup;
        boolean isRight = false;
        try {
            ini = PoolerIniReader.read(file);
            setup = SetupReader.read(file, ini, means);
            isRight = true;
        } catch (PoolerIni.Wrong e) {
            throw new BadFiles(e.problems());
        } finally {
            if (!isRight) {
                eventLoops.close();
                workers.shutdownNow();
            }
        }
        ini.warnings().forEach(warning -> LOG.warnf("%s", warning));
        Pooler pooler = new Pooler(eventLoops, secrets, setup, workers, 0, ownUid());
        StandalonePooler result = new StandalonePooler(file, eventLoops, pooler, means, ini);
        try {
            result.listen(takesOver);
        } catch (IOException e) {
            result.close();
            throw e;
        }
        return result;
    }

    /** Few and of low priority: a storm of handshakes must not slow the event loops. */
    private static ExecutorService workers() {
        int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        return Executors.newFixedThreadPool(
                count, new DefaultThreadFactory("pooler-work", true, Thread.MIN_PRIORITY));
    }

    static int openDescriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return (int) open.count();
        }
    }

    private static int ownUid() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid
                ? uid
                : -1;
    }

    // ---------------------------------------------------------------- listening

    private void listen(boolean takesOver) throws IOException {
        Path offers = offers(ini);
        Optional<HandOverClaim> claim =
                takesOver && offers != null
                        ? HandOverClaim.from(loops, offers, HAND_OVER_LIMIT)
                        : Optional.empty();
        try {
            listen(ini.listening());
            offer(offers);
            if (claim.isPresent()) {
                claim.get().taken();
            }
        } finally {
            claim.ifPresent(HandOverClaim::close);
        }
    }

    private void listen(PoolerIni.Listening where) throws IOException {
        pooler.listeners().configure(where);
        for (SocketAddress address : addresses(where)) {
            gate.open(address, where.socketMode());
            LOG.infof("listening on %s", Listeners.text(address));
        }
    }

    static List<SocketAddress> addresses(PoolerIni.Listening where) {
        List<SocketAddress> result = new ArrayList<>();
        for (String host : where.addresses()) {
            result.add(
                    host.equals("*")
                            ? new InetSocketAddress(where.port())
                            : new InetSocketAddress(host, where.port()));
        }
        if (!where.socketDir().isEmpty()) {
            String path = where.socketDir() + "/.s.PGSQL." + where.port();
            result.add(
                    new DomainSocketAddress(
                            path.startsWith("@") ? '\0' + path.substring(1) : path));
        }
        return result;
    }

    /** Where a pooler with these files offers its listeners to the next; null for nowhere. */
    private static @Nullable Path offers(PoolerIni ini) {
        String dir = ini.listening().socketDir();
        return dir.isEmpty() || dir.startsWith("@")
                ? null
                : Path.of(dir, ".s.PGSQL." + ini.listening().port() + ".next");
    }

    /** Whether a pooler runs that would give its listeners to one that {@link #start}s. */
    public static boolean canTakeOver(PoolerIni ini) {
        Path offers = offers(ini);
        return offers != null && Files.exists(offers) && Gate.isAnswered(offers);
    }

    private void offer(@Nullable Path where) {
        if (where == null) {
            return;
        }
        try {
            offer = HandOverDesk.open(loops, where, this::handedOver);
        } catch (IOException e) {
            LOG.warnf("no successor can take over the listeners: %s", e.getMessage());
        }
    }

    private void handedOver() {
        LOG.infof("another pooler took over, waiting for all clients disconnect");
        pooler.desk().ending().outlived();
    }

    // ---------------------------------------------------------------- changes

    Path file() {
        return file;
    }

    /** Holds clients back, and lets them go on. */
    public PoolerHolds holds() {
        return pooler.holds();
    }

    /** What is in force. */
    public PoolerIni ini() {
        return ini;
    }

    Pooler pooler() {
        return pooler;
    }

    /**
     * Reads all files again, certificates, too. What was {@link #set} is forgotten.
     *
     * @return what is wrong with them; then nothing has changed
     */
    public List<String> reload() {
        lock.lock();
        try {
            Map<String, String> before = new LinkedHashMap<>(overrides);
            overrides.clear();
            List<String> wrong = apply();
            if (!wrong.isEmpty()) {
                overrides.putAll(before);
            }
            return wrong;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Changes a key of {@code [pgbouncer]} until the next reload.
     *
     * @return why not; empty when it was done
     */
    public List<String> set(String key, String value) {
        IniKey known = IniKeys.all().get(key);
        if (known != null && known.needsRestart()) {
            return List.of(key + " cannot be changed while the pooler runs");
        }
        lock.lock();
        try {
            String before = overrides.put(key, value);
            List<String> wrong = apply();
            if (!wrong.isEmpty()) {
                if (before == null) {
                    overrides.remove(key);
                } else {
                    overrides.put(key, before);
                }
            }
            return wrong;
        } finally {
            lock.unlock();
        }
    }

    private List<String> apply() {
        try {
            PoolerIni next = PoolerIniReader.read(file, overrides);
            PoolerSetup setup = SetupReader.read(file, next, means);
            next.warnings().stream()
                    .filter(warning -> !ini.warnings().contains(warning))
                    .forEach(warning -> LOG.warnf("%s", warning));
            if (!next.listening().equals(ini.listening())) {
                LOG.warnf("changes of where to listen need a restart");
            }
            pooler.reconfigure(setup);
            ini = next;
            return List.of();
        } catch (PoolerIni.Wrong e) {
            return e.problems().stream().map(IniProblem::toString).toList();
        } catch (IOException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    /** Looks the servers' names up again. Blocking; to be called every {@code dns_max_ttl}. */
    public void refreshNames() {
        pooler.pools().refreshNames();
    }

    @Override
    public void close() {
        HandOverDesk offered = offer;
        try {
            if (offered != null) {
                offered.close();
            }
        } catch (IOException e) {
            LOG.warnf("cannot delete a socket: %s", e.getMessage());
        }
        gate.close();
        pooler.close();
        loops.close();
    }
}
