package io.pgnode.postgres.core;

/** The statements of a probe, for each major version. */
public final class ProbeSql {
    /** Functions that name the state of a paused replay appeared here. */
    private static final int PAUSE_STATE_SINCE = 14;

    private ProbeSql() {}

    /** One row: see the column names. Then the standbys, then the physical slots: three results. */
    public static String probe(int major) {
        return state(major) + ";\n" + STANDBYS + ";\n" + SLOTS;
    }

    private static String state(int major) {
        String paused =
                major >= PAUSE_STATE_SINCE
                        ? "pg_get_wal_replay_pause_state() <> 'not paused'"
                        : "pg_is_wal_replay_paused()";
        return """
        SELECT r.rec AS in_recovery,
               CASE WHEN r.rec THEN COALESCE(w.received_tli,
                        GREATEST(cr.min_recovery_end_timeline, cp.timeline_id))
                    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int
               END AS timeline,
               CASE WHEN r.rec THEN NULL ELSE pg_current_wal_flush_lsn() END AS flush_lsn,
               pg_last_wal_receive_lsn() AS receive_lsn,
               pg_last_wal_replay_lsn() AS replay_lsn,
               (extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000)::bigint AS replay_ms,
               CASE WHEN r.rec THEN %s ELSE false END AS replay_paused,
               w.status AS receiver_status,
               w.sender_host AS sender_host,
               w.sender_port AS sender_port,
               current_setting('primary_conninfo') AS primary_conninfo,
               current_setting('primary_slot_name') AS primary_slot_name,
               current_setting('synchronous_standby_names') AS sync_names,
               (extract(epoch FROM pg_postmaster_start_time()) * 1000)::bigint AS start_ms,
               (extract(epoch FROM pg_conf_load_time()) * 1000000)::bigint AS config_loaded,
               current_setting('server_version_num')::int AS version
          FROM (SELECT pg_is_in_recovery() AS rec) r
          CROSS JOIN pg_control_recovery() cr
          CROSS JOIN pg_control_checkpoint() cp
          LEFT JOIN pg_stat_wal_receiver w ON true"""
                .formatted(paused);
    }

    private static final String STANDBYS =
            """
            SELECT application_name, COALESCE(usename, '') AS user_name,
                   COALESCE(host(client_addr), '') AS client, state, sync_state, sync_priority,
                   sent_lsn, write_lsn, flush_lsn, replay_lsn
              FROM pg_stat_replication WHERE pid <> pg_backend_pid()""";

    private static final String SLOTS =
            "SELECT slot_name FROM pg_replication_slots WHERE slot_type = 'physical'";

    /** Parameters changed in the files that a reload could not apply: name, old, new. */
    public static final String PENDING_RESTART =
            """
            SELECT s.name, s.setting, COALESCE((SELECT f.setting FROM pg_file_settings f
                       WHERE f.name = s.name ORDER BY f.seqno DESC LIMIT 1), '') AS wanted
              FROM pg_settings s WHERE s.pending_restart""";

    /** Current values of the settings that we force at start: name, setting. */
    public static final String FORCED_SETTINGS =
            """
            SELECT name, setting FROM pg_settings WHERE name IN (
                'max_connections', 'max_locks_per_transaction', 'max_prepared_transactions',
                'max_replication_slots', 'max_wal_senders', 'max_worker_processes',
                'track_commit_timestamp', 'wal_level', 'wal_log_hints',
                'listen_addresses', 'port', 'cluster_name')""";
}
