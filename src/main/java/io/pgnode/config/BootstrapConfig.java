package io.pgnode.config;

import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The first start of a cluster; without effect afterwards. */
public interface BootstrapConfig {
    /** Options of initdb, without the dashes. */
    @WithDefault("data-checksums,encoding=UTF8")
    List<CommandOption> initdb();

    /** {@code initdb}, or one of {@link #methods}: how the first data directory is made. */
    @WithDefault("initdb")
    String method();

    /** Commands that make the first data directory, such as a restore from a backup, by name. */
    Map<String, Method> methods();

    /** How long the recovery of what a method made may take. */
    @WithDefault("24h")
    Duration recoveryTimeout();

    /** Merged into the first dynamic configuration; Patroni's spelling. */
    @WithDefault("{}")
    JsonTree dcs();

    /** Command run once on the new primary, with a connection URL as its last argument. */
    Optional<CommandLine> postBootstrap();

    /** A command that makes the first data directory. */
    interface Method {
        /** Required. */
        Optional<CommandLine> command();

        /** Whether --scope and --datadir are left away. */
        @WithDefault("false")
        boolean noParams();

        /** Whether the recovery settings that the command wrote are used as they are. */
        @WithDefault("false")
        boolean keepExistingRecoveryConf();

        /** Recovery settings, such as restore_command and recovery_target_time. */
        @WithDefault("{}")
        JsonTree recoveryConf();
    }
}
