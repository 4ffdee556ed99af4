package io.pgnode.postgres;

import io.pgnode.model.HostPort;

/**
 * The server that this instance copies or follows.
 *
 * @param name its member name, for messages
 * @param slot our replication slot there; empty for none
 */
public record Upstream(String name, HostPort address, String slot) {}
