package io.pgnode.guard;

import io.pgnode.guard.core.GuardReply;

/** Hears what the guard says to the agent. Called on the client's thread; should return soon. */
public interface GuardClientListener {
    /** Connected: what the guard holds, maybe from an agent before us. */
    void connected(GuardReply.State state);

    /** The connection is gone: nobody but this process fences from now on. */
    void disconnected();

    /** The guard killed PostgreSQL at the deadline of this epoch; only a higher epoch may lead. */
    void fenced(GuardReply.Fenced fenced);
}
