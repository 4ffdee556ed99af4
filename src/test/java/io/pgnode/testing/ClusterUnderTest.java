package io.pgnode.testing;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/**
 * Three (or n) nodes of PostgreSQL under one HA product, as separate processes, and the faults of
 * our tests. Nodes are numbered from 0.
 */
public interface ClusterUnderTest extends AutoCloseable {
    /** Name for tables and messages. */
    String product();

    /** How many nodes there are, started or not. */
    int size();

    /** Starts all nodes and waits for {@link #awaitHealthy}. */
    void start();

    /** Starts one node; it may have run before. */
    void startNode(int node);

    /**
     * Ends one node in the orderly way: the product's service is asked to stop, then its server if
     * it still runs.
     */
    void stopNode(int node);

    /**
     * The node that accepts writes according to PostgreSQL itself; the lowest one should there be
     * two.
     */
    OptionalInt primary();

    /** Waits until one node leads, accepts writes, and all others stream from it. */
    void awaitHealthy(Duration limit);

    /** The members as the product's API of the first node that answers lists them. */
    List<ClusterMember> members();

    /**
     * JDBC address of a node's own server, with deadlines; use with {@link #connect} or the same
     * credentials.
     */
    String jdbcUrl(int node);

    /** A superuser's session on a node's own server. */
    Connection connect(int node) throws SQLException;

    /** Base address of the product's API of a node. */
    String api(int node);

    /** Name of a member in the cluster. */
    String memberName(int node);

    Path dataDir(int node);

    Place place(int node);

    EtcdProcess etcd();

    /** Prefix of the cluster's keys in etcd, with the slash at its end. */
    String keyPrefix();

    /** Asks for a planned change of the primary and returns when the product says it is done. */
    void switchover(int from, int to);

    /** Changes the dynamic configuration by a JSON merge patch. */
    void patchConfig(String json);

    /** SIGKILL to the postmaster alone: its backends notice by themselves. */
    void killPostmaster(int node);

    void signalPostmaster(int node, Signal signal);

    /** To the process that runs the HA loop. */
    void signalAgent(int node, Signal signal);

    /** To the process that watches over the agent; the same as the agent where there is none. */
    void signalSupervisor(int node, Signal signal);

    /** SIGKILL to everything of a node at once, as when the power goes. */
    void killNode(int node);

    /**
     * The processes of a node with their command lines, those of PostgreSQL's backends not
     * included.
     */
    List<OsProcess> managementProcesses(int node);

    /** State of all nodes and the ends of their logs, for failure messages. */
    String diagnostics();

    /** Kills everything and deletes it. */
    @Override
    void close();
}
