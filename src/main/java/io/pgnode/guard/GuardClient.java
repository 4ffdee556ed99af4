package io.pgnode.guard;

import io.pgnode.guard.core.GuardMessage;
import io.pgnode.guard.core.GuardReply;
import io.pgnode.guard.core.GuardState;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.SelectorThread;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The agent's side of the deadline channel.
 *
 * <p>Callers set what the guard should know and return at once; a thread of its own brings the
 * guard to it, and does so again after each reconnection, forever. Only the latest state matters,
 * so a guard that was away or stopped gets the newest deadline and nothing older. Thread-safe.
 */
public final class GuardClient implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(GuardClient.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(1);

    private final Path path;
    private final LongSupplier bootClock;
    private final String version;
    private final GuardClientListener listener;
    private final SelectorThread thread;
    private final AtomicReference<GuardWishes> wishes = new AtomicReference<>(GuardWishes.NONE);
    private volatile @Nullable GuardSession session;

    /**
     * @param path of the guard's socket, which need not exist yet
     * @param version of this program, for the guard's log
     */
    public GuardClient(
            Path path, LongSupplier bootClock, String version, GuardClientListener listener)
            throws IOException {
        this.path = path;
        this.bootClock = bootClock;
        this.version = version.replace(' ', '-');
        this.listener = listener;
        this.thread = new SelectorThread("guard-client", this::run);
    }

    public void start() {
        thread.start();
    }

    /**
     * We lead until the deadline: PostgreSQL dies then unless {@link #extend} is called before.
     *
     * @param postmaster null while none runs
     */
    public void lead(long epoch, long deadlineNanos, @Nullable ProcessIdentity postmaster) {
        change(wish -> wish.leading(epoch, deadlineNanos, postmaster));
    }

    /** The lease was renewed; ignored unless we lead with this epoch. */
    public void extend(long epoch, long deadlineNanos) {
        change(wish -> wish.extended(epoch, deadlineNanos));
    }

    /** PostgreSQL was started anew. */
    public void postmaster(ProcessIdentity postmaster) {
        change(wish -> wish.withPostmaster(postmaster));
    }

    /** We do not lead, and our PostgreSQL does not accept writes. */
    public void release(long epoch) {
        change(wish -> wish.released(epoch));
    }

    /**
     * Clears the deadline that an agent before us left in the guard, unless we lead ourselves. To
     * be called once our PostgreSQL is known not to accept writes; else the guard kills a standby.
     */
    public void releaseLeftover() {
        guardState()
                .filter(state -> state.phase() == GuardState.Phase.ARMED)
                .ifPresent(
                        state ->
                                change(wish -> wish.leads() ? wish : wish.released(state.epoch())));
    }

    /** For systemd: the service is up. Repeated to each new supervisor. */
    public void ready() {
        change(GuardWishes::isReady);
    }

    /** For systemd: a cycle was completed. */
    public void watchdog() {
        change(GuardWishes::alive);
    }

    /** For systemd: one line for the operator. */
    public void status(String text) {
        change(wish -> wish.withStatus(text));
    }

    /** For systemd: the service is on its way down. */
    public void stopping() {
        change(GuardWishes::isStopping);
    }

    /** Connected, and the guard will fence our present epoch at a deadline that is still ahead. */
    public boolean isGuarded() {
        GuardSession current = session;
        GuardWishes wish = wishes.get();
        return current != null
                && wish.leads()
                && current.acknowledgedEpoch() == wish.epoch()
                && current.acknowledgedDeadlineNanos() - bootClock.getAsLong() > 0;
    }

    public boolean isConnected() {
        GuardSession current = session;
        return current != null && current.guardState() != null;
    }

    /** What the guard held when we connected; empty when not connected. */
    public Optional<GuardReply.State> guardState() {
        GuardSession current = session;
        return current == null ? Optional.empty() : Optional.ofNullable(current.guardState());
    }

    /**
     * Waits until {@link #isGuarded}.
     *
     * @return false when it did not happen in time
     */
    public boolean awaitGuarded(Duration limit) throws InterruptedException {
        long deadline = bootClock.getAsLong() + limit.toNanos();
        while (!isGuarded()) {
            if (bootClock.getAsLong() - deadline >= 0) {
                return false;
            }
            Thread.sleep(1);
        }
        return true;
    }

    /** Disconnects. The guard keeps its deadline, so {@link #release} first when we do not lead. */
    @Override
    public void close() {
        var _ = thread.end();
    }

    private void change(UnaryOperator<GuardWishes> change) {
        wishes.updateAndGet(change);
        thread.wakeUp();
    }

    private void run() {
        Duration retry = FIRST_RETRY;
        while (!thread.isEnding()) {
            if (serve()) {
                retry = FIRST_RETRY;
            }
            // A change of wishes may end it early, which does no harm.
            thread.pause(retry);
            retry =
                    retry.multipliedBy(2).compareTo(LAST_RETRY) < 0
                            ? retry.multipliedBy(2)
                            : LAST_RETRY;
        }
    }

    /** One connection from start to end; whether there was one. */
    private boolean serve() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path));
            channel.configureBlocking(false);
            SelectionKey key = channel.register(thread.selector(), SelectionKey.OP_READ);
            GuardSession current = new GuardSession(channel, listener);
            session = current;
            current.say(hello());
            exchange(current, key);
            return true;
        } catch (IOException | RuntimeException e) {
            boolean wasConnected = session != null;
            if (wasConnected && !thread.isEnding()) {
                LOG.warnf("guard connection lost path=%s: %s", path, e.getMessage());
            } else {
                LOG.debugf("guard not reached path=%s: %s", path, e.getMessage());
            }
            return wasConnected;
        } finally {
            if (session != null) {
                session = null;
                if (!thread.isEnding()) {
                    listener.disconnected();
                }
            }
        }
    }

    private void exchange(GuardSession current, SelectionKey key) throws IOException {
        while (true) {
            current.readAll();
            current.bringTo(wishes.get());
            boolean flushed = current.flush();
            if (thread.isEnding()) {
                return;
            }
            key.interestOps(
                    flushed ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            thread.selector().select(_ -> {});
        }
    }

    private GuardMessage hello() {
        ProcessIdentity self = ProcessIdentity.self();
        return new GuardMessage.Hello(self.pid(), self.startTicks(), version);
    }
}
