package io.pgnode.config;

import io.pgnode.model.HostPort;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The local PostgreSQL instance. */
public interface PostgresqlConfig {
    /** Directory of postgres, initdb and the others; the newest installed when absent. */
    Optional<Path> binDir();

    @WithDefault("/var/lib/pgnode/data")
    Path dataDir();

    /** Where initdb and clones put pg_wal; inside data-dir when absent. */
    Optional<Path> walDir();

    /** listen_addresses: addresses separated by commas. */
    @WithDefault("0.0.0.0")
    String listen();

    @WithDefault("5432")
    int port();

    /** Where the others connect; {@code address} with {@code port} when absent. */
    Optional<HostPort> connectAddress();

    @WithDefault("/var/run/postgresql")
    Path socketDir();

    /** Output of the postmaster; data-dir with {@code .log} appended when absent. */
    Optional<Path> logFile();

    Superuser superuser();

    Replication replication();

    Rewind rewind();

    /** Parameters of this member; those that must agree in the cluster come from the DCS alone. */
    @Reloadable
    Map<String, String> parameters();

    /** Lines of pg_hba.conf; empty for those of the DCS, else the file stays as it is. */
    @Reloadable
    Optional<List<String>> pgHba();

    /** Lines of pg_ident.conf. */
    @Reloadable
    Optional<List<String>> pgIdent();

    /** A file that stands in for postgresql.base.conf and is included first. */
    Optional<Path> customConf();

    /**
     * Ways to make a replica, tried in this order: {@code basebackup}, {@code repository}, or a
     * name of {@code replica-methods}. When absent, {@code basebackup}, and before it {@code
     * repository} where there is one and it is estimated to be faster.
     */
    @Reloadable
    Optional<List<String>> createReplicaMethods();

    /** The methods of create-replica-methods that are commands, by name. */
    @Reloadable
    Map<String, ReplicaMethod> replicaMethods();

    /** Options of pg_basebackup. */
    @Reloadable
    @WithDefault("checkpoint=fast")
    List<CommandOption> basebackup();

    /** restore_command of a standby; none when absent. */
    @Reloadable
    Optional<String> restoreCommand();

    /** Whether pg_rewind is used; for the cluster's first start, afterwards the DCS rules. */
    @FirstStart
    @WithDefault("true")
    boolean usePgRewind();

    /**
     * How many data directories that were renamed aside are kept, the newest ones; all when absent.
     */
    @Reloadable
    OptionalInt keepRenamedDirectories();

    /** How long a start waits for connections to be accepted before it reports a problem. */
    @Reloadable
    @WithDefault("60s")
    Duration startTimeout();

    /** How long a fast stop may take before it becomes an immediate one. */
    @Reloadable
    @WithDefault("60s")
    Duration stopTimeout();

    /** The role that the agent itself uses, through the unix socket. */
    interface Superuser extends Passworded {
        @WithDefault("postgres")
        String username();
    }

    /** The role with which standbys stream. */
    interface Replication extends Passworded {
        @WithDefault("replicator")
        String username();

        /** libpq's sslmode for connections between members. */
        @Reloadable
        @WithDefault("prefer")
        SslMode sslmode();

        /** libpq's sslrootcert for connections between members. */
        @Reloadable
        Optional<Path> sslrootcert();
    }

    /** The role of pg_rewind; the superuser when absent. */
    interface Rewind extends Passworded {
        Optional<String> username();
    }

    /** A command that makes a replica, such as a restore from a backup repository. */
    interface ReplicaMethod {
        /** Required. */
        Optional<CommandLine> command();

        /** Whether the data directory is kept when the command starts. */
        @WithDefault("false")
        boolean keepData();

        /** Whether --scope, --datadir, --role and --connstring are left away. */
        @WithDefault("false")
        boolean noParams();

        /** Whether it also works without a leader to copy from. */
        @WithDefault("false")
        boolean noLeader();
    }
}
