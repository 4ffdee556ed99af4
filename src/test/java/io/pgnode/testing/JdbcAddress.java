package io.pgnode.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/**
 * Where a JDBC client connects to, without TLS, and how patient it is.
 *
 * @param connectSeconds for a connection
 * @param socketSeconds for an answer
 */
public record JdbcAddress(String host, int port, int connectSeconds, int socketSeconds) {
    /**
     * @param more pairs of further connection properties
     */
    public Connection connect(String database, String user, String password, String... more)
            throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("sslmode", "disable");
        properties.setProperty("connectTimeout", Integer.toString(connectSeconds));
        properties.setProperty("socketTimeout", Integer.toString(socketSeconds));
        for (int i = 0; i < more.length; i += 2) {
            properties.setProperty(more[i], more[i + 1]);
        }
        return DriverManager.getConnection(
                "jdbc:postgresql://" + host + ":" + port + "/" + database, properties);
    }
}
