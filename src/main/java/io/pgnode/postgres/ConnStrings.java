package io.pgnode.postgres;

import io.pgnode.postgres.core.ConnInfo;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Connection strings to other members, for the server and its tools. */
final class ConnStrings {
    private final PostgresSettings settings;
    private final Path passFile;

    ConnStrings(PostgresSettings settings, Path passFile) {
        this.settings = settings;
        this.passFile = passFile;
    }

    /** Value of primary_conninfo; dbname is for the slot synchronisation of PostgreSQL 17. */
    ConnInfo primaryConnInfo(Upstream upstream) {
        return to(upstream, settings.replication(), "postgres", settings.memberName());
    }

    /** For pg_basebackup and custom methods. */
    ConnInfo replication(Upstream upstream) {
        return to(upstream, settings.replication(), "replication", settings.memberName());
    }

    /** For pg_rewind. */
    ConnInfo rewind(Upstream upstream) {
        return to(upstream, settings.rewind(), "postgres", "pg_rewind");
    }

    private ConnInfo to(Upstream upstream, Credentials role, String database, String name) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("user", role.user());
        values.put("host", upstream.address().host());
        values.put("port", String.valueOf(upstream.address().port()));
        values.put("dbname", database);
        if (role.hasPassword()) {
            values.put("passfile", passFile.toString());
        }
        values.put("application_name", name);
        values.put("connect_timeout", "5");
        values.putAll(settings.connectionOptions());
        return new ConnInfo(values);
    }
}
