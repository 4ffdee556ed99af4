package io.pgnode.gateway.route.core;

import java.util.List;

/**
 * What follows from new knowledge about servers.
 *
 * @param started waiting clients that have a place now, in the order they came
 * @param closing servers whose sessions are to be closed
 * @param events changes of status, for the log
 */
public record Changes<T>(
        List<Ticket<T>> started, List<Closing> closing, List<StatusChange> events) {

    /** Close all sessions of a server. */
    public record Closing(ServerSlot server, String why) {}

    public record StatusChange(
            String server, ServerStatus before, ServerStatus after, String why) {}
}
