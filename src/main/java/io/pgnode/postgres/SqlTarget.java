package io.pgnode.postgres;

import io.pgnode.model.HostPort;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/**
 * Where and how to connect.
 *
 * @param socketArgument for {@link DeadlineSocketFactory}
 * @param isReplication speaks the replication protocol
 * @param options libpq keywords of which PgJDBC knows {@code sslmode}, {@code sslrootcert}, {@code
 *     sslcert}, {@code sslkey}
 * @param session settings of the session
 */
record SqlTarget(
        String socketArgument,
        HostPort address,
        String database,
        Credentials credentials,
        boolean isReplication,
        Map<String, String> options,
        String session) {
    /**
     * What our sessions set: no logging of what we send, and no limits of the server's that would
     * cut our work, which has its own deadline.
     */
    private static final String SESSION =
            "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0"
                    + " -c search_path=pg_catalog -c default_transaction_read_only=off";

    /** Also for the local superuser: not to wait for standbys when roles are made. */
    private static final String SUPERUSER_SESSION =
            SESSION
                    + " -c log_statement=none -c log_min_duration_statement=-1"
                    + " -c log_min_error_statement=panic -c log_duration=off"
                    + " -c synchronous_commit=local";

    private static final String TCP = "tcp";
    private static final int OLDEST_SERVER = 13;

    /** For actions, whose work may take its time. */
    static SqlTarget local(PostgresSettings settings) {
        return local(settings, "");
    }

    /** For probes: the server gives up by itself what we no longer wait for. */
    static SqlTarget probe(PostgresSettings settings) {
        return local(settings, " -c statement_timeout=10s");
    }

    private static SqlTarget local(PostgresSettings settings, String session) {
        Path socket = settings.socket();
        return new SqlTarget(
                "unix:" + socket,
                new HostPort("127.0.0.1", settings.port()),
                "postgres",
                settings.superuser(),
                false,
                Map.of("sslmode", "disable"),
                SUPERUSER_SESSION + session);
    }

    static SqlTarget socket(Path socket, int port, String database, Credentials credentials) {
        return new SqlTarget(
                "unix:" + socket,
                new HostPort("127.0.0.1", port),
                database,
                credentials,
                false,
                Map.of("sslmode", "disable"),
                SESSION);
    }

    static SqlTarget remote(
            HostPort address,
            Credentials credentials,
            boolean isReplication,
            Map<String, String> options) {
        return new SqlTarget(
                TCP, address, "postgres", credentials, isReplication, options, SESSION);
    }

    String url() {
        return "jdbc:postgresql://" + address + "/" + database;
    }

    Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("user", credentials.user());
        properties.setProperty("password", credentials.password());
        properties.setProperty("ApplicationName", "pgnode");
        properties.setProperty("socketFactory", DeadlineSocketFactory.class.getName());
        properties.setProperty("socketFactoryArg", socketArgument);
        properties.setProperty("assumeMinServerVersion", String.valueOf(OLDEST_SERVER));
        properties.setProperty("sslmode", options.getOrDefault("sslmode", "prefer"));
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("tcpKeepAlive", "true");
        for (String keyword : new String[] {"sslrootcert", "sslcert", "sslkey"}) {
            String value = options.get(keyword);
            if (value != null) {
                properties.setProperty(keyword, value);
            }
        }
        if (isReplication) {
            properties.setProperty("replication", "true");
            properties.setProperty("preferQueryMode", "simple");
        } else {
            properties.setProperty("options", session);
        }
        return properties;
    }

    @Override
    public String toString() {
        String where = socketArgument.equals(TCP) ? address.toString() : socketArgument;
        return where + " as " + credentials.user();
    }
}
