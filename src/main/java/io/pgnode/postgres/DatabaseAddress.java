package io.pgnode.postgres;

import io.pgnode.model.HostPort;
import java.nio.file.Path;
import java.util.Map;

/** Where a server is and whom to connect as; prints without the password. */
public final class DatabaseAddress {
    private final SqlTarget target;

    private DatabaseAddress(SqlTarget target) {
        this.target = target;
    }

    /** The local server through its unix socket. */
    public static DatabaseAddress local(PostgresSettings settings) {
        return new DatabaseAddress(SqlTarget.local(settings));
    }

    /** A local server through its unix socket. */
    public static DatabaseAddress socket(
            Path socketDir, int port, String database, Credentials credentials) {
        return new DatabaseAddress(
                SqlTarget.socket(
                        socketDir.resolve(".s.PGSQL." + port), port, database, credentials));
    }

    /**
     * A server over the network.
     *
     * @param options libpq keywords: {@code sslmode}, {@code sslrootcert}, {@code sslcert}, {@code
     *     sslkey}
     */
    public static DatabaseAddress remote(
            HostPort address, Credentials credentials, Map<String, String> options) {
        return new DatabaseAddress(SqlTarget.remote(address, credentials, false, options));
    }

    SqlTarget target() {
        return target;
    }

    @Override
    public String toString() {
        return target.toString();
    }
}
