package io.pgnode.gateway.pooler.ini;

import java.util.Locale;

/** How clients prove who they are, as {@code [pgbouncer]} says it. */
final class AuthKeys {
    private final IniValues values;
    private final Findings findings;
    private final String file;

    /**
     * @param file stands for it in problems of no single key
     */
    AuthKeys(String file, IniValues values, Findings findings) {
        this.file = file;
        this.values = values;
        this.findings = findings;
    }

    PoolerIni.Auth read() {
        String type = values.choice("auth_type");
        if (type.equals("ldap") || type.equals("pam")) {
            findings.problem(
                    values.where("auth_type"),
                    "auth_type " + type + " is not supported",
                    "use scram-sha-256, cert, or hba");
        }
        if (type.equals("hba") && values.text("auth_hba_file").isEmpty()) {
            findings.problem(file, "auth_type is hba, but there is no auth_hba_file", "");
        }
        return new PoolerIni.Auth(
                type,
                values.text("auth_file"),
                values.text("auth_hba_file"),
                values.text("auth_ident_file"),
                safe(values.text("auth_query")),
                values.text("auth_user"),
                values.text("auth_dbname"),
                values.number("scram_iterations"),
                values.text("login_notify_message"),
                values.list("admin_users"),
                values.list("stats_users"));
    }

    /**
     * The query that was PgBouncer's default before it heeded VALID UNTIL, and that many files
     * repeat, becomes the one that does.
     */
    static String safe(String query) {
        String plain = query.strip().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
        return plain.isEmpty()
                        || plain.equals("select usename, passwd from pg_shadow where usename=$1")
                        || plain.equals("select usename, passwd from pg_shadow where usename = $1")
                ? IniKeys.DEFAULT_AUTH_QUERY
                : query;
    }
}
