package io.pgnode.supervisor;

import io.pgnode.guard.core.GuardMessage;
import io.pgnode.os.ProcessIdentity;

/** What the supervisor's thread reacts to. */
sealed interface Event {
    /**
     * A child ended.
     *
     * @param how "exit code 1", "killed by signal 9 (KILL)"
     */
    record ChildEnded(String child, ProcessIdentity process, String how) implements Event {}

    /** An agent said HELLO on the guard's socket. */
    record AgentConnected(ProcessIdentity agent, String version) implements Event {}

    record ForSystemd(GuardMessage message) implements Event {}

    /** SIGTERM or SIGINT. */
    record Terminate(String signal) implements Event {}

    /** SIGHUP. */
    record Reload() implements Event {}

    /** SIGUSR2: children that can are replaced by fresh ones, of the program as it is now. */
    record Replace() implements Event {}
}
