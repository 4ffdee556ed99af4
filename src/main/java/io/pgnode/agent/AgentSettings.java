package io.pgnode.agent;

import io.pgnode.cluster.Tags;
import io.pgnode.model.HostPort;
import io.pgnode.model.MemberName;
import java.time.Duration;

/**
 * What the shell needs from the local configuration.
 *
 * @param postgres where others reach our PostgreSQL
 * @param apiUrl where others reach our REST API, with Patroni's path: {@code
 *     http://10.0.0.1:8008/patroni}
 * @param connUrl connection URL without secrets for the member key
 * @param initialConfig first dynamic configuration, JSON
 * @param mayBootstrap this member may create the cluster
 * @param stopBudget how long a stop of the instance may take before it is escalated
 * @param drainTimeout how long open transactions may take to end before a planned stop; zero to
 *     wait for none
 * @param holdTimeout how long clients wait at most when they are held back
 * @param slotRetention how long the slot of a member that left is kept
 */
public record AgentSettings(
        String scope,
        MemberName self,
        Tags tags,
        HostPort postgres,
        String apiUrl,
        String connUrl,
        String initialConfig,
        boolean mayBootstrap,
        Duration stopBudget,
        Duration drainTimeout,
        Duration holdTimeout,
        Duration slotRetention) {
    /** These settings with what a reload may change. */
    AgentSettings reloaded(
            Tags newTags, Duration newStopBudget, Duration newDrain, Duration newHold) {
        return new AgentSettings(
                scope,
                self,
                newTags,
                postgres,
                apiUrl,
                connUrl,
                initialConfig,
                mayBootstrap,
                newStopBudget,
                newDrain,
                newHold,
                slotRetention);
    }
}
