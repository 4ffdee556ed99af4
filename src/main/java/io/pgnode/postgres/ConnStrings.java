package io.pgnode.postgres;

import io.pgnode.postgres.core.ConnInfo;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Connection strings to other members, for the server and its tools. */
final class ConnStrings {
    private final Supplier<PostgresSettings> settings;
    private final Path passFile;

    ConnStrings(Supplier<PostgresSettings> settings, Path passFile) {
        this.settings = settings;
        this.passFile = passFile;
    }

    /** Value of primary_conninfo; dbname is for the slot synchronisation of PostgreSQL 17. */
    ConnInfo primaryConnInfo(Upstream upstream) {
        PostgresSettings now = settings.get();
        return to(upstream, now.replication(), "postgres", now.memberName());
    }

    /** For pg_basebackup and custom methods. */
    ConnInfo replication(Upstream upstream) {
        PostgresSettings now = settings.get();
        return to(upstream, now.replication(), "replication", now.memberName());
    }

    /** For pg_rewind. */
    ConnInfo rewind(Upstream upstream) {
        return to(upstream, settings.get().rewind(), "postgres", "pg_rewind");
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
        values.putAll(settings.get().connectionOptions());
        return new ConnInfo(values);
    }
}
