package io.pgnode.guard;

import io.pgnode.guard.core.GuardMessage;
import io.pgnode.guard.core.GuardMessage.Extend;
import io.pgnode.guard.core.GuardMessage.Hello;
import io.pgnode.guard.core.GuardMessage.Lead;
import io.pgnode.guard.core.GuardMessage.Postmaster;
import io.pgnode.guard.core.GuardMessage.Ready;
import io.pgnode.guard.core.GuardMessage.Release;
import io.pgnode.guard.core.GuardMessage.Status;
import io.pgnode.guard.core.GuardMessage.Stopping;
import io.pgnode.guard.core.GuardMessage.Watchdog;
import io.pgnode.guard.core.GuardReply;
import io.pgnode.guard.core.GuardState;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.Scheduling;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The supervisor's side: holds the deadline and kills PostgreSQL when it passes.
 *
 * <p>One thread does everything. Each round reads the clock first, then all that is in the sockets,
 * and decides with that earlier time. So however long this process was stopped, and wherever, an
 * extension sent in time is seen before the deadline is judged.
 *
 * <p>An agent that disconnects, dies or comes back changes nothing about the deadline.
 */
public final class GuardServer implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(GuardServer.class);

    /**
     * Longest sleep while armed: timeouts of the kernel do not count time in suspend, the deadline
     * does.
     */
    private static final long ARMED_SLICE_NANOS = 50_000_000;

    private static final long RETRY_NANOS = 1_000_000_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Path path;
    private final LongSupplier bootClock;
    private final Fencer fencer;
    private final GuardListener listener;
    private final Selector selector;
    private final ServerSocketChannel server;
    private final Thread thread;
    private final List<GuardConnection> connections = new ArrayList<>();
    private volatile boolean closed;

    /** Written by the guard's thread only. */
    private volatile GuardState state = GuardState.INITIAL;

    private @Nullable FenceTarget target;
    private @Nullable FenceReport lastFence;
    private boolean fenceIncomplete;

    /**
     * Listens at once; the caller must be the only guard of the run directory, since a socket left
     * by an earlier one is replaced.
     *
     * @param path of the socket, at most 107 bytes
     */
    public GuardServer(Path path, LongSupplier bootClock, Fencer fencer, GuardListener listener)
            throws IOException {
        this.path = path;
        this.bootClock = bootClock;
        this.fencer = fencer;
        this.listener = listener;
        Files.deleteIfExists(path);
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        selector = Selector.open();
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        thread = Thread.ofPlatform().name("guard").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** What the guard holds now; from any thread. */
    public GuardState state() {
        return state;
    }

    /** Ends the guard without fencing: the caller knows that there is nothing to guard. */
    @Override
    public void close() throws IOException {
        closed = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (GuardConnection connection : connections) {
            connection.close();
        }
        selector.close();
        server.close();
        Files.deleteIfExists(path);
    }

    private void run() {
        Scheduling.makeRealtime();
        rehearse();
        while (!closed) {
            try {
                selector.select(_ -> {}, waitMillis());
                long now = bootClock.getAsLong();
                drain();
                if (state.isDue(now)) {
                    state = state.fenced();
                    fence();
                } else if (fenceIncomplete) {
                    fence();
                }
            } catch (IOException | RuntimeException e) {
                // The deadline must outlive any surprise.
                LOG.errorf(e, "guard round failed");
            }
        }
    }

    /** Fences nothing, so that all the code is in memory when it is needed. */
    private static void rehearse() {
        ProcessIdentity nobody = new ProcessIdentity(ProcessHandle.current().pid(), 0);
        Fence.kill(nobody, Duration.ZERO);
    }

    /** Zero would mean no limit to the selector, so it is never returned while there is one. */
    private long waitMillis() {
        if (state.phase() == GuardState.Phase.ARMED) {
            long left = state.deadlineNanos() - bootClock.getAsLong();
            long slice = Math.min(left, ARMED_SLICE_NANOS);
            return Math.max(1, (slice + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
        }
        return fenceIncomplete ? RETRY_NANOS / NANOS_PER_MILLI : 0;
    }

    /** Takes in everything that was sent until now: oldest connection first, each to its end. */
    private void drain() throws IOException {
        for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            connections.add(new GuardConnection(channel));
        }
        for (GuardConnection connection : List.copyOf(connections)) {
            if (!connection.exchange(this::handle)) {
                drop(connection);
            }
        }
    }

    private void drop(GuardConnection connection) {
        if (connections.remove(connection)) {
            connection.close();
            ProcessIdentity agent = connection.agent();
            if (agent != null) {
                listener.agentDisconnected(agent);
            }
        }
    }

    private void handle(GuardConnection from, long number, GuardMessage message) {
        switch (message) {
            case Hello hello -> hello(from, number, hello);
            case Lead _, Extend _, Postmaster _, Release _ -> change(from, number, message);
            case Ready _, Watchdog _, Stopping _, Status _ -> {
                from.reply(new GuardReply.Ack(number));
                listener.forSystemd(message);
            }
        }
    }

    private void hello(GuardConnection from, long number, Hello hello) {
        ProcessIdentity agent = new ProcessIdentity(hello.pid(), hello.startTicks());
        from.introduce(agent);
        // All that an earlier agent had sent was handled before: its connection is older.
        for (GuardConnection other : List.copyOf(connections)) {
            if (other != from && other.agent() != null) {
                drop(other);
            }
        }
        from.reply(new GuardReply.Ack(number));
        from.reply(new GuardReply.State(state.phase(), state.epoch(), state.deadlineNanos()));
        if (state.phase() == GuardState.Phase.FENCED && lastFence != null) {
            from.reply(fenced(lastFence));
        }
        listener.agentConnected(agent, hello.version());
    }

    private void change(GuardConnection from, long number, GuardMessage message) {
        if (from.agent() == null) {
            from.reply(new GuardReply.Refused(number, "HELLO must come first"));
            return;
        }
        GuardState before = state;
        GuardState.Step step = before.apply(message);
        if (!step.isAccepted()) {
            LOG.warnf("guard refused message=%s reason=%s", message, step.refusal());
            from.reply(new GuardReply.Refused(number, step.refusal()));
            return;
        }
        state = step.state();
        from.reply(new GuardReply.Ack(number));
        lookAtPostmaster();
        if (state.phase() != before.phase() || state.epoch() != before.epoch()) {
            LOG.infof("guard phase=%s epoch=%d pid=%d", state.phase(), state.epoch(), state.pid());
        }
    }

    private void lookAtPostmaster() {
        if (state.pid() <= 0) {
            return;
        }
        ProcessIdentity postmaster = new ProcessIdentity(state.pid(), state.startTicks());
        FenceTarget known = target;
        if (known == null) {
            target = FenceTarget.of(postmaster);
        } else if (known.postmaster().equals(postmaster)) {
            target = known.dataDir() == null ? known.refreshed() : known;
        } else {
            target = known.succeededBy(postmaster);
        }
    }

    private void fence() {
        FenceTarget doomed = target;
        FenceReport report =
                doomed == null
                        ? new FenceReport(FenceReport.How.GONE, Duration.ZERO, List.of())
                        : fencer.fence(doomed.refreshed());
        fenceIncomplete = !report.isComplete();
        lastFence = report;
        LOG.warnf(
                "guard fenced epoch=%d how=%s took_ms=%d survivors=%s: lease deadline passed"
                        + " without an extension",
                state.epoch(), report.how(), report.took().toMillis(), report.survivors());
        for (GuardConnection connection : connections) {
            if (connection.agent() != null) {
                connection.reply(fenced(report));
            }
        }
        listener.fenced(state.epoch(), report);
    }

    private GuardReply.Fenced fenced(FenceReport report) {
        return new GuardReply.Fenced(state.epoch(), report.how().name(), report.took().toMillis());
    }
}
