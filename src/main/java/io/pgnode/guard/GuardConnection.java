package io.pgnode.guard;

import io.pgnode.guard.core.GuardMessage;
import io.pgnode.guard.core.GuardReply;
import io.pgnode.os.ProcessIdentity;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One agent's connection, on the guard's side. Confined to the guard's thread. */
final class GuardConnection {
    private static final Logger LOG = Logger.getLogger(GuardConnection.class);

    /** Receives each message with its number. */
    interface Handler {
        void handle(GuardConnection from, long number, GuardMessage message);
    }

    private final SocketChannel channel;
    private final Lines lines;
    private @Nullable ProcessIdentity agent;

    GuardConnection(SocketChannel channel) {
        this.channel = channel;
        this.lines = new Lines(channel);
    }

    /** Who said HELLO; null before that. */
    @Nullable ProcessIdentity agent() {
        return agent;
    }

    void introduce(ProcessIdentity newAgent) {
        agent = newAgent;
    }

    /**
     * Handles everything that has arrived and sends the replies.
     *
     * @return false when the connection is of no more use
     */
    boolean exchange(Handler handler) {
        if (!channel.isOpen()) {
            return false;
        }
        try {
            boolean open = lines.readAll(line -> handle(handler, line));
            // An agent that takes no replies is stopped; it will connect again.
            return channel.isOpen() && lines.flush() && open;
        } catch (IOException e) {
            LOG.debugf("guard connection broke agent=%s: %s", agent, e.getMessage());
            return false;
        }
    }

    /** Sends a reply; a broken connection is noticed by the next exchange. */
    void reply(GuardReply reply) {
        lines.queue(reply.text());
        try {
            lines.flush();
        } catch (IOException e) {
            close();
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debugf("guard connection agent=%s: %s", agent, e.getMessage());
        }
    }

    private void handle(Handler handler, String line) {
        int blank = line.indexOf(' ');
        try {
            handler.handle(
                    this,
                    Long.parseLong(line, 0, Math.max(blank, 0), 10),
                    GuardMessage.parse(line.substring(blank + 1)));
        } catch (IllegalArgumentException e) {
            LOG.warnf("guard ignored a line from agent=%s: %s", agent, e.getMessage());
        }
    }
}
