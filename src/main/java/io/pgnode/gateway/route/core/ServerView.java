package io.pgnode.gateway.route.core;

import io.pgnode.model.HostPort;

/**
 * A server of a service, as its source knows it.
 *
 * @param name of the member
 * @param weight 0..256
 * @param isBackup used only when no other server of the service is up
 * @param why the condition, for an operator
 */
public record ServerView(
        String name,
        HostPort address,
        int weight,
        boolean isBackup,
        Condition condition,
        String why,
        CheckReport check) {}
