package io.pgnode.postgres;

import io.pgnode.postgres.core.HistoryFile;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * What another server says over the replication protocol, with the role that standbys use.
 *
 * @param systemId its system identifier
 * @param timeline the timeline it writes or replays
 * @param inRecovery it is a standby, maybe one that is just being promoted
 * @param history where the timelines before that one ended
 */
record UpstreamHistory(String systemId, int timeline, boolean inRecovery, HistoryFile history) {

    static UpstreamHistory ask(PostgresSettings settings, Upstream upstream, Duration limit)
            throws SQLException {
        SqlTarget target =
                SqlTarget.remote(
                        upstream.address(),
                        settings.replication(),
                        true,
                        settings.connectionOptions());
        try (SqlConnection connection = SqlConnection.open(target, limit)) {
            return connection.call(limit, UpstreamHistory::read);
        }
    }

    private static UpstreamHistory read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            String systemId;
            int timeline;
            try (ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
                row.next();
                systemId = row.getString("systemid");
                timeline = row.getInt("timeline");
            }
            HistoryFile history = timeline == 1 ? HistoryFile.EMPTY : history(statement, timeline);
            return new UpstreamHistory(systemId, timeline, isInRecovery(statement), history);
        }
    }

    /** The replication protocol knows few commands; this setting is what recovery forces. */
    private static boolean isInRecovery(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SHOW transaction_read_only")) {
            return row.next() && row.getString(1).equals("on");
        }
    }

    private static HistoryFile history(Statement statement, int timeline) throws SQLException {
        try (ResultSet row = statement.executeQuery("TIMELINE_HISTORY " + timeline)) {
            row.next();
            return HistoryFile.parse(row.getString(2));
        } catch (IllegalArgumentException e) {
            throw new SQLException("unreadable history of timeline " + timeline, e);
        }
    }
}
