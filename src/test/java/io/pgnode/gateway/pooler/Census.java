package io.pgnode.gateway.pooler;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What the console says about all pools.
 *
 * @param clients that are logged in and do not wait; the console's own do not count
 * @param servers in SHOW SERVERS
 */
record Census(
        int clients, int waiting, int active, int idle, int opening, int parked, int servers) {
    static Connection console(int port) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:"
                        + port
                        + "/pgbouncer?sslmode=disable&connectTimeout=5&socketTimeout=20",
                "somebody",
                "");
    }

    static Census take(Connection console) throws SQLException {
        int[] sums = new int[6];
        String[] columns = {
            "cl_active", "cl_waiting", "sv_active", "sv_idle", "sv_login", "sv_being_canceled"
        };
        int servers = 0;
        try (Statement statement = console.createStatement()) {
            try (ResultSet pools = statement.executeQuery("SHOW POOLS")) {
                while (pools.next()) {
                    if (pools.getString("database").equals("pgbouncer")) {
                        continue;
                    }
                    for (int i = 0; i < columns.length; i++) {
                        sums[i] += pools.getInt(columns[i]);
                    }
                }
            }
            try (ResultSet rows = statement.executeQuery("SHOW SERVERS")) {
                while (rows.next()) {
                    servers++;
                }
            }
        }
        return new Census(sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], servers);
    }
}
