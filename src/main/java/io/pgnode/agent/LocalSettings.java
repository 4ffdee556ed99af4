package io.pgnode.agent;

import io.pgnode.agent.rest.RestClientSettings;
import io.pgnode.agent.rest.RestSettings;
import io.pgnode.cluster.Tags;
import io.pgnode.config.LogConfig;
import io.pgnode.config.MemberTags;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.postgres.PostgresException;
import io.pgnode.postgres.PostgresSettings;
import java.io.IOException;
import java.time.Duration;

/**
 * All that the parts of the agent go by, made of this member's configuration and of the password
 * files that it names. Blocking to make, immutable afterwards.
 *
 * @param backup how PostgreSQL reaches the repositories
 * @param startTimeout how long a start of the instance is waited for
 */
record LocalSettings(
        AgentSettings agent,
        BackupCommands backup,
        PostgresSettings postgres,
        Duration startTimeout,
        ScriptCallbacks.Scripts scripts,
        RestSettings rest,
        RestClientSettings restClient,
        LogConfig log) {
    static LocalSettings of(PgnodeConfig config, BackupCommands backup)
            throws IOException, PostgresException {
        return new LocalSettings(
                AgentAssembly.agent(config),
                backup,
                AgentAssembly.postgres(config, backup),
                config.postgresql().startTimeout(),
                AgentAssembly.scripts(config),
                AgentAssembly.rest(config),
                AgentAssembly.restClient(config),
                config.log());
    }

    /**
     * These settings with what a reload may change taken from {@code newer}; keys that need a
     * restart keep the value that the process started with.
     */
    LocalSettings reloaded(PgnodeConfig started, PgnodeConfig newer)
            throws IOException, PostgresException {
        Tags tags = new Tags(MemberTags.of(started.role(), newer));
        return new LocalSettings(
                agent.reloaded(
                        tags,
                        newer.postgresql().stopTimeout(),
                        newer.ha().drainTimeout(),
                        newer.ha().holdTimeout()),
                backup,
                postgres.reloaded(AgentAssembly.postgres(newer, backup)),
                newer.postgresql().startTimeout(),
                AgentAssembly.scripts(newer),
                rest.reloaded(AgentAssembly.rest(newer)),
                restClient.reloaded(AgentAssembly.restClient(newer)),
                newer.log());
    }
}
