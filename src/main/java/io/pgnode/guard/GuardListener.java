package io.pgnode.guard;

import io.pgnode.guard.core.GuardMessage;
import io.pgnode.os.ProcessIdentity;

/**
 * Hears what happens on the guard's side of the channel. Called on the guard's thread, which holds
 * the deadline: must return at once and not throw.
 */
public interface GuardListener {
    /** An agent said HELLO. */
    void agentConnected(ProcessIdentity agent, String version);

    /** The agent's connection is gone; the deadline stands. */
    void agentDisconnected(ProcessIdentity agent);

    /** One of the messages for systemd. */
    void forSystemd(GuardMessage message);

    /** The deadline of an epoch passed and PostgreSQL was killed, or could not be yet. */
    void fenced(long epoch, FenceReport report);
}
