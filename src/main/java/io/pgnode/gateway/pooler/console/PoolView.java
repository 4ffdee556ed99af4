package io.pgnode.gateway.pooler.console;

import io.pgnode.gateway.pooler.core.PoolTotals;

/**
 * A pool at one moment.
 *
 * @param user role of its servers
 * @param clients that are logged in and do not wait
 * @param waiting clients that wait for a server
 * @param activeCancels cancel requests under way
 * @param beingCancelled servers that nobody may have until a cancel request is done
 * @param opening servers that are being opened
 * @param maxWaitNanos how long the longest-waiting client has waited
 * @param limit what keeps the longest-waiting client waiting; empty when nobody waits
 * @param why the same in a sentence
 */
public record PoolView(
        String database,
        String user,
        String mode,
        int clients,
        int waiting,
        int activeCancels,
        int active,
        int beingCancelled,
        int idle,
        int opening,
        int size,
        int reserve,
        long maxWaitNanos,
        String limit,
        String why,
        PoolTotals totals) {}
