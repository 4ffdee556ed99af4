package io.pgnode.guard;

import io.pgnode.guard.core.GuardMessage;
import io.pgnode.guard.core.GuardReply;
import io.pgnode.os.ProcessIdentity;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the agent to its guard: sends the difference between what the agent wants and
 * what was sent, takes the replies. Confined to the client's thread, but for the acknowledged
 * values.
 */
final class GuardSession {
    private static final Logger LOG = Logger.getLogger(GuardSession.class);

    /** A deadline on its way to the guard. */
    private record Unanswered(long number, long epoch, long deadlineNanos) {}

    private final Lines lines;
    private final GuardClientListener listener;
    private final Deque<Unanswered> unanswered = new ArrayDeque<>();
    private GuardWishes sent = GuardWishes.NONE;
    private long lastNumber;
    private String lastRefusal = "";
    private volatile Unanswered acknowledged = new Unanswered(0, 0, 0);
    private volatile GuardReply.@Nullable State guardState;

    GuardSession(SocketChannel channel, GuardClientListener listener) {
        this.lines = new Lines(channel);
        this.listener = listener;
    }

    /** 0 until the guard has accepted a deadline. */
    long acknowledgedEpoch() {
        return acknowledged.epoch();
    }

    long acknowledgedDeadlineNanos() {
        return acknowledged.deadlineNanos();
    }

    /** Null until the guard has answered our HELLO. */
    GuardReply.@Nullable State guardState() {
        return guardState;
    }

    void say(GuardMessage message) {
        lastNumber++;
        lines.queue(lastNumber + " " + message.text());
    }

    boolean flush() throws IOException {
        return lines.flush();
    }

    void readAll() throws IOException {
        if (!lines.readAll(this::handle)) {
            throw new EOFException("the guard closed the connection");
        }
    }

    /** Queues what the guard does not know yet; nothing while the socket is full. */
    void bringTo(GuardWishes wish) {
        if (lines.queuedBytes() > 0 && lastNumber > 1) {
            return;
        }
        lease(wish);
        if (wish.ready() && !sent.ready()) {
            say(new GuardMessage.Ready());
        }
        if (!wish.status().equals(sent.status())) {
            say(new GuardMessage.Status(wish.status()));
        }
        if (wish.cycles() != sent.cycles()) {
            say(new GuardMessage.Watchdog());
        }
        if (wish.stopping() && !sent.stopping()) {
            say(new GuardMessage.Stopping());
        }
        sent = wish;
    }

    private void lease(GuardWishes wish) {
        if (wish.leads()) {
            if (!sent.leads() || sent.epoch() != wish.epoch()) {
                ProcessIdentity postmaster = wish.postmaster();
                say(
                        new GuardMessage.Lead(
                                wish.epoch(),
                                wish.deadlineNanos(),
                                postmaster == null ? 0 : postmaster.pid(),
                                postmaster == null ? 0 : postmaster.startTicks()));
                await(wish);
                return;
            }
            if (sent.deadlineNanos() != wish.deadlineNanos()) {
                say(new GuardMessage.Extend(wish.epoch(), wish.deadlineNanos()));
                await(wish);
            }
        } else if (wish.epoch() > 0 && (sent.leads() || sent.epoch() != wish.epoch())) {
            say(new GuardMessage.Release(wish.epoch()));
        }
        ProcessIdentity postmaster = wish.postmaster();
        if (postmaster != null && !Objects.equals(sent.postmaster(), postmaster)) {
            say(new GuardMessage.Postmaster(postmaster.pid(), postmaster.startTicks()));
        }
    }

    private void await(GuardWishes wish) {
        unanswered.add(new Unanswered(lastNumber, wish.epoch(), wish.deadlineNanos()));
    }

    private void handle(String line) {
        try {
            switch (GuardReply.parse(line)) {
                case GuardReply.Ack(long number) -> acknowledge(number);
                case GuardReply.Refused refused -> refuse(refused);
                case GuardReply.State state -> {
                    guardState = state;
                    listener.connected(state);
                }
                case GuardReply.Fenced fenced -> {
                    acknowledged = new Unanswered(0, 0, 0);
                    listener.fenced(fenced);
                }
            }
        } catch (IllegalArgumentException e) {
            LOG.warnf("guard client ignored a line: %s", e.getMessage());
        }
    }

    private void acknowledge(long number) {
        Unanswered first = unanswered.peek();
        if (first != null && first.number() == number) {
            unanswered.remove();
            acknowledged = first;
        }
    }

    private void refuse(GuardReply.Refused refused) {
        if (!refused.reason().equals(lastRefusal)) {
            lastRefusal = refused.reason();
            LOG.warnf("guard refused: %s", refused.reason());
        }
        Unanswered first = unanswered.peek();
        if (first != null && first.number() == refused.number()) {
            unanswered.remove();
            acknowledged = new Unanswered(0, 0, 0);
        }
    }
}
