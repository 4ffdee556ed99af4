package io.pgnode.gateway.stats;

import io.pgnode.gateway.route.core.ServerAdmin;
import java.util.List;
import java.util.function.UnaryOperator;

/** What statistics are read from, and where operators' wishes go. Thread-safe, answers at once. */
public interface Desk {
    ProcessReport process();

    /** In the order they were configured. */
    List<ServiceReport> services();

    /** All sessions, or those of one service when the name is not empty. */
    List<SessionReport> sessions(String service);

    /** What operators have changed about a server. */
    ServerAdmin admin(String service, String server);

    /** Changes it; names that are not known are remembered for later. */
    void change(String service, String server, UnaryOperator<ServerAdmin> change);

    /** Closes the sessions of a server and says how many. */
    int closeSessions(String service, String server);

    /** Changes how many clients a service has at most. */
    void limit(String service, int connections);

    /**
     * Forgets the largest values seen.
     *
     * @param all the totals as well
     */
    void clear(boolean all);
}
