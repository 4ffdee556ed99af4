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

    /**
     * How the first data directory is made: {@code initdb}, {@code repository} from {@link
     * #source}, or one of {@link #methods}.
     */
    @WithDefault("initdb")
    String method();

    /** Commands that make the first data directory, such as a restore from a backup, by name. */
    Map<String, Method> methods();

    /** Another cluster's backups, for the method {@code repository}. */
    SourceConfig source();

    /** How long the recovery of what a method made may take. */
    @WithDefault("24h")
    Duration recoveryTimeout();

    /** Merged into the first dynamic configuration; Patroni's spelling. */
    @WithDefault("{}")
    JsonTree dcs();

    /** Command run once on the new primary, with a connection URL as its last argument. */
    Optional<CommandLine> postBootstrap();

    /** Whose backups the new cluster begins with, and up to where. */
    interface SourceConfig {
        /** Name of the other cluster in its repository; required. */
        Optional<String> stanza();

        BackupConfig.RepositoryPlace repository();

        /** Label of the backup; the newest that fits when absent. */
        Optional<String> set();

        @WithDefault("default")
        TargetType targetType();

        /** The time, transaction id, LSN or restore point. */
        Optional<String> target();

        /** Whether recovery stops just before the target. */
        @WithDefault("false")
        boolean targetExclusive();

        /** latest, current or a number. */
        @WithDefault("latest")
        String targetTimeline();

        enum TargetType {
            DEFAULT,
            IMMEDIATE,
            TIME,
            XID,
            LSN,
            NAME
        }
    }

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
