package io.pgnode.postgres;

import io.pgnode.model.HostPort;
import io.pgnode.postgres.core.ServerParameters;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The local configuration of this member's PostgreSQL.
 *
 * @param binDir directory of initdb, postgres, pg_basebackup, …; see {@link PostgresBinaries#find}
 * @param dataDir PGDATA; its parent should be writable, so that it can be renamed aside
 * @param walDir where pg_wal goes at initdb and clone; null for inside PGDATA
 * @param runDir ours, private: password files; may be lost at reboot
 * @param logFile where the server's standard output and error go
 * @param listenAddresses value of listen_addresses
 * @param port TCP port, also part of the socket's name
 * @param socketDir directory of the unix socket
 * @param connectAddress how other members reach this server
 * @param clusterName scope of the cluster, cluster_name of the server
 * @param memberName our name, application_name at the upstream
 * @param osUser who runs PostgreSQL, for peer authentication
 * @param superuser who owns the cluster and whom the agent connects as
 * @param replication whom standbys connect as
 * @param rewind whom pg_rewind connects as
 * @param connectionOptions extra keywords for connections between members, such as sslmode
 * @param parameters local PostgreSQL parameters
 * @param pgHba lines of pg_hba.conf; empty to take the cluster's, or defaults
 * @param pgIdent lines of pg_ident.conf; empty to leave the file alone
 * @param customConf file to include in place of postgresql.base.conf; null for none
 * @param restoreCommand for standbys and pg_rewind; empty for none
 * @param initdbOptions such as {@code --encoding=UTF8}, each one argument
 * @param basebackupOptions such as {@code --max-rate=100M}, each one argument
 * @param bootstrap what makes the first data directory in place of initdb; null for initdb
 * @param createReplicaMethods in the order to try; empty for basebackup alone
 * @param restoreProgram fills the data directory from the backup repository: program and arguments,
 *     to which {@code --delta}, the target and its action are added; empty without a repository
 * @param archiveCommand of a server whose own parameters say nothing of archiving; empty for none
 * @param keepRenamed how many data directories that were renamed aside are kept, at least one;
 *     negative to keep all
 */
public record PostgresSettings(
        Path binDir,
        Path dataDir,
        @Nullable Path walDir,
        Path runDir,
        Path logFile,
        String listenAddresses,
        int port,
        Path socketDir,
        HostPort connectAddress,
        String clusterName,
        String memberName,
        String osUser,
        Credentials superuser,
        Credentials replication,
        Credentials rewind,
        Map<String, String> connectionOptions,
        Map<String, String> parameters,
        List<String> pgHba,
        List<String> pgIdent,
        @Nullable Path customConf,
        String restoreCommand,
        List<String> initdbOptions,
        List<String> basebackupOptions,
        @Nullable BootstrapMethod bootstrap,
        List<ReplicaMethod> createReplicaMethods,
        List<String> restoreProgram,
        String archiveCommand,
        int keepRenamed,
        Timeouts timeouts) {
    /** initdb options of a cluster that says nothing else. */
    public static final List<String> DEFAULT_INITDB_OPTIONS =
            List.of("--encoding=UTF8", "--data-checksums");

    /**
     * A way to fill an empty data directory.
     *
     * @param kind built in, or a command
     * @param command program and arguments, to which {@code --scope --datadir --role --connstring}
     *     are added; empty for what is built in
     * @param keepData leave what is in the data directory for the command to reuse
     * @param noParams add nothing to the command
     * @param noLeader may run without a leader, as from a backup repository
     */
    public record ReplicaMethod(
            Kind kind,
            String name,
            List<String> command,
            boolean keepData,
            boolean noParams,
            boolean noLeader) {
        /** pg_basebackup from the leader. */
        public static final ReplicaMethod BASEBACKUP =
                new ReplicaMethod(Kind.BASEBACKUP, "basebackup", List.of(), false, false, false);

        /** {@link PostgresSettings#restoreProgram}, over what is there. */
        public static final ReplicaMethod REPOSITORY =
                new ReplicaMethod(Kind.REPOSITORY, "repository", List.of(), true, false, false);

        /** As {@link #REPOSITORY}, when it is estimated to be faster than pg_basebackup. */
        public static final ReplicaMethod REPOSITORY_IF_FASTER =
                new ReplicaMethod(
                        Kind.REPOSITORY_IF_FASTER, "repository", List.of(), true, false, false);

        /** What is run. */
        public enum Kind {
            BASEBACKUP,
            REPOSITORY,
            REPOSITORY_IF_FASTER,
            COMMAND
        }

        public ReplicaMethod {
            command = List.copyOf(command);
            if (command.isEmpty() == (kind == Kind.COMMAND)) {
                throw new IllegalArgumentException(
                        "method " + name + " is " + kind + ", its command " + command);
            }
        }

        /** Whether the backup repository is what it reads. */
        public boolean isRepository() {
            return switch (kind) {
                case REPOSITORY, REPOSITORY_IF_FASTER -> true;
                case BASEBACKUP, COMMAND -> false;
            };
        }

        /** A command. */
        public ReplicaMethod(
                String name,
                List<String> command,
                boolean keepData,
                boolean noParams,
                boolean noLeader) {
            this(Kind.COMMAND, name, command, keepData, noParams, noLeader);
        }
    }

    /**
     * A command that makes the first data directory, such as a restore from a backup.
     *
     * @param command program and arguments
     * @param noParams {@code --scope} and {@code --datadir} are not added
     * @param keepRecoverySettings the recovery settings that the command wrote are used
     * @param recoverySettings for the recovery before the cluster is new; empty for none
     * @param recoveryLimit how long that recovery may take
     */
    public record BootstrapMethod(
            String name,
            List<String> command,
            boolean noParams,
            boolean keepRecoverySettings,
            Map<String, String> recoverySettings,
            Duration recoveryLimit) {
        public BootstrapMethod {
            command = List.copyOf(command);
            recoverySettings = Map.copyOf(recoverySettings);
        }

        boolean recovers() {
            return keepRecoverySettings || !recoverySettings.isEmpty();
        }
    }

    /**
     * Bounds of operations that have no other.
     *
     * @param tool initdb, single-user recovery
     * @param copy pg_basebackup, pg_rewind, custom methods
     * @param connect opening a connection
     */
    public record Timeouts(Duration tool, Duration copy, Duration connect) {
        public static final Timeouts DEFAULT =
                new Timeouts(Duration.ofMinutes(5), Duration.ofDays(7), Duration.ofSeconds(5));
    }

    public PostgresSettings {
        connectionOptions = Map.copyOf(connectionOptions);
        parameters = Map.copyOf(parameters);
        pgHba = List.copyOf(pgHba);
        pgIdent = List.copyOf(pgIdent);
        initdbOptions = List.copyOf(initdbOptions);
        basebackupOptions = List.copyOf(basebackupOptions);
        restoreProgram = List.copyOf(restoreProgram);
        createReplicaMethods =
                createReplicaMethods.isEmpty()
                        ? List.of(ReplicaMethod.BASEBACKUP)
                        : List.copyOf(createReplicaMethods);
    }

    /**
     * These settings with what a reload may change taken from {@code newer}: passwords, connection
     * options, parameters, access rules, restore command, and the ways to make a replica. The rest
     * says where the server is and whose it is, which nobody can change under a running server.
     */
    public PostgresSettings reloaded(PostgresSettings newer) {
        return new PostgresSettings(
                binDir,
                dataDir,
                walDir,
                runDir,
                logFile,
                listenAddresses,
                port,
                socketDir,
                connectAddress,
                clusterName,
                memberName,
                osUser,
                superuser.reloaded(newer.superuser),
                replication.reloaded(newer.replication),
                rewind.reloaded(newer.rewind),
                newer.connectionOptions,
                newer.parameters,
                newer.pgHba,
                newer.pgIdent,
                customConf,
                newer.restoreCommand,
                initdbOptions,
                newer.basebackupOptions,
                bootstrap,
                newer.createReplicaMethods,
                newer.restoreProgram,
                newer.archiveCommand,
                newer.keepRenamed,
                timeouts);
    }

    /** The unix socket that the server listens on. */
    public Path socket() {
        return socketDir.resolve(".s.PGSQL." + port);
    }

    ServerParameters.Listen listen() {
        return new ServerParameters.Listen(
                listenAddresses, port, socketDir.toString(), clusterName);
    }
}
