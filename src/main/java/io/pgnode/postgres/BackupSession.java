package io.pgnode.postgres;

import io.pgnode.model.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A session that a backup keeps from its start to its stop: when the session ends before the stop,
 * the server forgets the backup. Nothing is ever opened anew.
 *
 * <p>For one thread at a time, but {@link #close} may come from any. Every call has a limit, at
 * which the session is lost.
 */
public final class BackupSession implements AutoCloseable {
    /** What {@link DatabaseFacts#settings} holds. */
    public static final List<String> SETTINGS =
            List.of(
                    "archive_command",
                    "archive_library",
                    "archive_mode",
                    "archive_timeout",
                    "block_size",
                    "checkpoint_timeout",
                    "data_checksums",
                    "data_directory",
                    "full_page_writes",
                    "segment_size",
                    "summarize_wal",
                    "wal_level",
                    "wal_segment_size");

    /** pgBackRest's: one backup of a cluster at a time, whoever makes it. */
    private static final long ADVISORY_LOCK = 12340078987004321L;

    private static final Duration SHORT = Duration.ofSeconds(60);
    private static final int NEW_FUNCTIONS = 15;
    private static final int IDLE_SESSION_TIMEOUT = 14;

    private final DatabaseAddress address;
    private final SqlConnection connection;
    private final int versionNumber;
    private boolean isStarted;

    /**
     * What the server said at the start.
     *
     * @param lsn where replay of the backup begins
     * @param walFile name of its segment; null on a standby, which does not say it
     * @param at the server's clock
     */
    public record Start(Lsn lsn, @Nullable String walFile, Instant at) {}

    /**
     * What the server said at the stop.
     *
     * @param lsn where the backup becomes consistent, exclusive
     * @param walFile name of the last segment that it needs; null on a standby
     * @param label content of {@code backup_label}
     * @param tablespaceMap content of {@code tablespace_map}; empty when there are no tablespaces
     */
    public record Stop(
            Lsn lsn, @Nullable String walFile, String label, String tablespaceMap, Instant at) {}

    private BackupSession(DatabaseAddress address, SqlConnection connection, int versionNumber) {
        this.address = address;
        this.connection = connection;
        this.versionNumber = versionNumber;
    }

    /** Connects. */
    public static BackupSession open(DatabaseAddress address, Duration limit)
            throws PostgresException {
        try {
            SqlConnection connection = SqlConnection.open(address.target(), limit);
            try {
                String number =
                        connection.text(
                                SHORT, "SELECT pg_catalog.current_setting('server_version_num')");
                int version = Integer.parseInt(String.valueOf(number));
                if (version / 10_000 >= IDLE_SESSION_TIMEOUT) {
                    connection.execute(SHORT, "SET idle_session_timeout = 0");
                }
                connection.execute(SHORT, "SET application_name = 'pgnode backup'");
                return new BackupSession(address, connection, version);
            } catch (SQLException | RuntimeException e) {
                connection.abort();
                throw e;
            }
        } catch (SQLException e) {
            throw new PostgresException(
                    "cannot connect to PostgreSQL at " + address + ": " + SqlConnection.message(e),
                    e);
        }
    }

    public int majorVersion() {
        return versionNumber / 10_000;
    }

    /** Reads everything anew. */
    public DatabaseFacts facts() throws PostgresException {
        return call("read the server's facts", SHORT, this::facts);
    }

    private DatabaseFacts facts(Connection open) throws SQLException {
        Map<String, String> settings = settings(open);
        List<DatabaseFacts.Database> databases = databases(open);
        List<DatabaseFacts.Tablespace> tablespaces = tablespaces(open);
        try (Statement statement = open.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT s.system_identifier::text, s.pg_control_version,"
                                        + " s.catalog_version_no, pg_is_in_recovery(),"
                                        + " c.timeline_id, c.redo_lsn::text"
                                        + " FROM pg_control_system() s, pg_control_checkpoint() c")) {
            row.next();
            return new DatabaseFacts(
                    versionNumber,
                    Long.toUnsignedString(Long.parseLong(row.getString(1))),
                    row.getInt(2),
                    row.getInt(3),
                    row.getBoolean(4),
                    row.getInt(5),
                    Lsn.parse(row.getString(6)),
                    settings,
                    databases,
                    tablespaces);
        }
    }

    private static Map<String, String> settings(Connection open) throws SQLException {
        Map<String, String> settings = new HashMap<>();
        try (PreparedStatement statement =
                open.prepareStatement("SELECT current_setting(?, true)")) {
            for (String name : SETTINGS) {
                statement.setString(1, name);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    String value = row.getString(1);
                    if (value != null) {
                        settings.put(name, value);
                    }
                }
            }
        }
        // The two that current_setting() prints with a unit.
        try (Statement statement = open.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT name, setting FROM pg_settings"
                                        + " WHERE name IN ('wal_segment_size', 'segment_size')")) {
            while (rows.next()) {
                settings.put(rows.getString(1), rows.getString(2));
            }
        }
        return settings;
    }

    private static List<DatabaseFacts.Database> databases(Connection open) throws SQLException {
        List<DatabaseFacts.Database> databases = new ArrayList<>();
        try (Statement statement = open.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT datname, oid::bigint, (SELECT oid::bigint FROM pg_database"
                                        + " WHERE datname = 'template0') FROM pg_database ORDER BY"
                                        + " datname")) {
            while (rows.next()) {
                databases.add(
                        new DatabaseFacts.Database(
                                rows.getString(1), rows.getLong(2), rows.getLong(3)));
            }
        }
        return databases;
    }

    private static List<DatabaseFacts.Tablespace> tablespaces(Connection open) throws SQLException {
        List<DatabaseFacts.Tablespace> tablespaces = new ArrayList<>();
        try (Statement statement = open.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT spcname, oid::bigint, pg_tablespace_location(oid) FROM"
                                        + " pg_tablespace WHERE pg_tablespace_location(oid) <> ''"
                                        + " ORDER BY oid")) {
            while (rows.next()) {
                tablespaces.add(
                        new DatabaseFacts.Tablespace(
                                rows.getString(1), rows.getLong(2), rows.getString(3)));
            }
        }
        return tablespaces;
    }

    /** What the archiver did. */
    public DatabaseFacts.ArchiverState archiver() throws PostgresException {
        return call(
                "read pg_stat_archiver",
                SHORT,
                open -> {
                    try (Statement statement = open.createStatement();
                            ResultSet row =
                                    statement.executeQuery(
                                            "SELECT archived_count, last_archived_wal,"
                                                    + " last_archived_time,"
                                                    + " failed_count, last_failed_wal,"
                                                    + " last_failed_time FROM pg_stat_archiver")) {
                        row.next();
                        Timestamp archivedAt = row.getTimestamp(3);
                        Timestamp failedAt = row.getTimestamp(6);
                        return new DatabaseFacts.ArchiverState(
                                row.getLong(1),
                                row.getString(2),
                                archivedAt == null ? null : archivedAt.toInstant(),
                                row.getLong(4),
                                row.getString(5),
                                failedAt == null ? null : failedAt.toInstant());
                    }
                });
    }

    /** Whether the server is in recovery now; also shows that the session is alive. */
    public boolean isInRecovery() throws PostgresException {
        return "t"
                .equals(
                        text(
                                "ask whether the server is in recovery",
                                SHORT,
                                "SELECT pg_is_in_recovery()"));
    }

    /** The segment that a primary writes now. */
    public String currentWal() throws PostgresException {
        String name =
                text(
                        "ask for the current WAL segment",
                        SHORT,
                        "SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
        return java.util.Objects.requireNonNull(name);
    }

    /** How far a standby has replayed; {@link Lsn#NONE} when it does not say. */
    public Lsn replayed() throws PostgresException {
        String lsn =
                text("ask for the replay position", SHORT, "SELECT pg_last_wal_replay_lsn()::text");
        return lsn == null ? Lsn.NONE : Lsn.parse(lsn);
    }

    /** Checkpoint, or on a standby restart point; needs pg_checkpoint from version 15 on. */
    public void checkpoint(Duration limit) throws PostgresException {
        call("run CHECKPOINT", limit, open -> execute(open, "CHECKPOINT"));
    }

    /**
     * Writes a named restore point and switches to the next segment.
     *
     * @return name of the segment that was ended
     */
    public String switchWal(String restorePoint) throws PostgresException {
        return call(
                "switch to the next WAL segment",
                SHORT,
                open -> {
                    try (PreparedStatement point =
                            open.prepareStatement(
                                    "SELECT pg_walfile_name(pg_create_restore_point(?))")) {
                        point.setString(1, restorePoint);
                        try (ResultSet row = point.executeQuery()) {
                            row.next();
                            String segment = row.getString(1);
                            execute(open, "SELECT pg_switch_wal()");
                            return segment;
                        }
                    }
                });
    }

    /** Takes the lock that keeps other backups of this cluster away; it lasts as the session. */
    public boolean lock() throws PostgresException {
        return "t"
                .equals(
                        text(
                                "take the advisory lock",
                                SHORT,
                                "SELECT pg_try_advisory_lock(" + ADVISORY_LOCK + ")"));
    }

    /**
     * Begins the backup.
     *
     * @param isFast checkpoints at once instead of spread over time
     */
    public Start start(String label, boolean isFast, Duration limit) throws PostgresException {
        boolean isStandby = isInRecovery();
        String function =
                majorVersion() >= NEW_FUNCTIONS
                        ? "pg_backup_start(?, ?)"
                        : "pg_start_backup(?, ?, false)";
        Start start =
                call(
                        "start the backup",
                        limit,
                        open -> {
                            try (PreparedStatement statement =
                                    open.prepareStatement(
                                            "SELECT lsn::text, "
                                                    + walName(isStandby)
                                                    + ", clock_timestamp() FROM "
                                                    + function
                                                    + " AS lsn")) {
                                statement.setString(1, label);
                                statement.setBoolean(2, isFast);
                                try (ResultSet row = statement.executeQuery()) {
                                    row.next();
                                    return new Start(
                                            Lsn.parse(row.getString(1)),
                                            row.getString(2),
                                            row.getTimestamp(3).toInstant());
                                }
                            }
                        });
        isStarted = true;
        return start;
    }

    /** Ends the backup; does not wait for the archive. */
    public Stop stop(Duration limit) throws PostgresException {
        boolean isStandby = isInRecovery();
        String function =
                majorVersion() >= NEW_FUNCTIONS
                        ? "pg_backup_stop(false)"
                        : "pg_stop_backup(false, false)";
        Stop stop =
                call(
                        "stop the backup",
                        limit,
                        open -> {
                            try (Statement statement = open.createStatement();
                                    ResultSet row =
                                            statement.executeQuery(
                                                    "SELECT lsn::text, "
                                                            + walName(isStandby)
                                                            + ", labelfile, spcmapfile,"
                                                            + " clock_timestamp() FROM "
                                                            + function)) {
                                row.next();
                                String map = row.getString(4);
                                return new Stop(
                                        Lsn.parse(row.getString(1)),
                                        row.getString(2),
                                        row.getString(3),
                                        map == null ? "" : map,
                                        row.getTimestamp(5).toInstant());
                            }
                        });
        isStarted = false;
        return stop;
    }

    private static String walName(boolean isStandby) {
        return isStandby ? "NULL" : "pg_walfile_name(lsn)";
    }

    /** Whether a backup was started and not stopped. */
    public boolean isStarted() {
        return isStarted;
    }

    private @Nullable String text(String what, Duration limit, String sql)
            throws PostgresException {
        return this.<@Nullable String>call(
                what,
                limit,
                open -> {
                    try (Statement statement = open.createStatement();
                            ResultSet rows = statement.executeQuery(sql)) {
                        return rows.next() ? rows.getString(1) : null;
                    }
                });
    }

    private static boolean execute(Connection open, String sql) throws SQLException {
        try (Statement statement = open.createStatement()) {
            return statement.execute(sql);
        }
    }

    private <T extends @Nullable Object> T call(
            String what, Duration limit, SqlConnection.Work<T> work) throws PostgresException {
        try {
            return connection.call(limit, work);
        } catch (SQLException e) {
            throw new PostgresException(
                    "cannot " + what + " at " + address + ": " + SqlConnection.message(e), e);
        }
    }

    /** Ends whatever is under way, and the session with it. May be called from any thread. */
    public void abort() {
        connection.abort();
    }

    /** Ends the session; a backup that was not stopped is aborted by that. */
    @Override
    public void close() {
        connection.close();
    }
}
