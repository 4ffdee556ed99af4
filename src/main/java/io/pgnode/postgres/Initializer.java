package io.pgnode.postgres;

import io.pgnode.os.CommandResult;
import io.pgnode.wire.ScramSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes a new cluster: initdb or the operator's command, then its roles. */
final class Initializer {
    private static final Duration SQL_LIMIT = Duration.ofSeconds(10);
    private static final int SALT_BYTES = 16;

    /** What pg_rewind needs of a role that is no superuser. */
    private static final List<String> REWIND_FUNCTIONS =
            List.of(
                    "pg_ls_dir(text, boolean, boolean)",
                    "pg_stat_file(text, boolean)",
                    "pg_read_binary_file(text)",
                    "pg_read_binary_file(text, bigint, bigint, boolean)");

    private final Supplier<PostgresSettings> settings;
    private final DataDirectory data;
    private final ConfigFiles files;
    private final PassFile passFile;
    private final ToolRunner tools;
    private final SqlSession session;

    Initializer(
            Supplier<PostgresSettings> settings,
            DataDirectory data,
            ConfigFiles files,
            PassFile passFile,
            ToolRunner tools,
            SqlSession session) {
        this.settings = settings;
        this.data = data;
        this.files = files;
        this.passFile = passFile;
        this.tools = tools;
        this.session = session;
    }

    /**
     * Fills the empty data directory.
     *
     * @param failedSuffix appended to the name of what a failed initdb left
     */
    void initdb(String failedSuffix) throws PostgresException {
        if (!data.isEmpty()) {
            throw new PostgresException(
                    "the data directory " + data.path() + " is not empty",
                    "initdb never overwrites data; move it away, or set another data directory");
        }
        data.markUnfinished("initdb");
        try {
            runInitdb();
            files.writeDefaultHba();
            data.markFinished();
        } catch (PostgresException e) {
            if (data.isEmpty()) {
                data.markFinished();
            } else {
                data.moveAside(failedSuffix);
            }
            throw e;
        }
    }

    /**
     * Fills the empty data directory by the operator's command. It stays marked as unfinished until
     * its recovery, if there is one, has ended: {@link BootstrapRecovery}.
     *
     * @param failedSuffix appended to the name of what a failed command left
     */
    void runCommand(PostgresSettings.BootstrapMethod method, String failedSuffix)
            throws PostgresException {
        if (!data.isEmpty()) {
            throw new PostgresException(
                    "the data directory " + data.path() + " is not empty",
                    "a bootstrap never overwrites data; move it away, or set another data"
                            + " directory");
        }
        data.markUnfinished("the bootstrap by " + method.name());
        try {
            List<String> words = new ArrayList<>(method.command());
            if (!method.noParams()) {
                words.add("--scope=" + settings.get().clusterName());
                words.add("--datadir=" + data.path());
            }
            CommandResult result =
                    tools.runCommand(words, settings.get().timeouts().copy(), _ -> {});
            String what = "bootstrap method " + method.name() + " (" + words.getFirst() + "): ";
            if (!result.isSuccess()) {
                throw new PostgresException(what + result.explain());
            }
            if (data.control().isEmpty()) {
                throw new PostgresException(
                        what + "it left no usable data directory in " + data.path());
            }
            if (!Files.exists(data.file("pg_hba.conf"))) {
                files.writeDefaultHba();
            }
        } catch (PostgresException e) {
            if (data.isEmpty()) {
                data.markFinished();
            } else {
                data.moveAside(failedSuffix);
            }
            throw e;
        }
    }

    private void runInitdb() throws PostgresException {
        List<String> arguments = new ArrayList<>();
        arguments.add("-D");
        arguments.add(data.path().toString());
        arguments.add("--username=" + settings.get().superuser().user());
        arguments.add("--auth-local=peer");
        arguments.add("--auth-host=scram-sha-256");
        Path walDir = settings.get().walDir();
        if (walDir != null) {
            arguments.add("--waldir=" + walDir);
        }
        arguments.addAll(settings.get().initdbOptions());
        Path secret = null;
        try {
            if (settings.get().superuser().hasPassword()) {
                secret = passFile.writeSecret("initdb.pw", settings.get().superuser().password());
                arguments.add("--pwfile=" + secret);
            }
            CommandResult result =
                    tools.run("initdb", arguments, settings.get().timeouts().tool(), _ -> {});
            if (!result.isSuccess()) {
                throw new PostgresException("initdb of " + data.path() + ": " + result.explain());
            }
        } finally {
            delete(secret);
        }
    }

    private static void delete(@Nullable Path secret) throws PostgresException {
        try {
            if (secret != null) {
                Files.deleteIfExists(secret);
            }
        } catch (IOException e) {
            throw new PostgresException("cannot remove " + secret + ": " + e.getMessage(), e);
        }
    }

    /** Creates or updates the roles on the running primary; may be repeated. */
    void createRoles() throws PostgresException {
        PostgresSettings now = settings.get();
        Credentials superuser = now.superuser();
        Credentials replication = now.replication();
        Credentials rewind = now.rewind();
        try {
            if (now.bootstrap() != null && superuser.hasPassword()) {
                // A restored cluster comes with the password of the one it was.
                createRole(superuser, "SUPERUSER");
            }
            if (!replication.user().equals(superuser.user())) {
                createRole(replication, "REPLICATION");
            }
            if (!rewind.user().equals(superuser.user())) {
                createRole(rewind, rewind.user().equals(replication.user()) ? "REPLICATION" : "");
                for (String function : REWIND_FUNCTIONS) {
                    session.execute(
                            SQL_LIMIT,
                            "GRANT EXECUTE ON FUNCTION pg_catalog."
                                    + function
                                    + " TO "
                                    + identifier(rewind.user()));
                }
            }
        } catch (SQLException e) {
            throw new PostgresException(
                    "cannot create database roles: " + SqlConnection.message(e), e);
        }
    }

    /** The password goes over the wire as its verifier: no log or statistics view can leak it. */
    private void createRole(Credentials role, String attributes) throws SQLException {
        String exists =
                session.text(
                        SQL_LIMIT,
                        "SELECT 1 FROM pg_roles WHERE rolname = " + literal(role.user()));
        String password = "";
        if (role.hasPassword()) {
            byte[] salt = new byte[SALT_BYTES];
            new SecureRandom().nextBytes(salt);
            ScramSecret secret =
                    ScramSecret.of(role.password(), salt, ScramSecret.DEFAULT_ITERATIONS);
            password = " PASSWORD " + literal(secret.format());
        }
        session.execute(
                SQL_LIMIT,
                (exists == null ? "CREATE ROLE " : "ALTER ROLE ")
                        + identifier(role.user())
                        + " LOGIN "
                        + attributes
                        + password);
    }

    /** Runs the operator's script with a connection URL as its last argument. */
    void postBootstrap(List<String> command) throws PostgresException {
        PostgresSettings now = settings.get();
        List<String> words = new ArrayList<>(command);
        words.add(
                "postgresql://"
                        + now.superuser().user()
                        + "@/postgres?host="
                        + now.socketDir().toString().replace("/", "%2F")
                        + "&port="
                        + now.port());
        CommandResult result = tools.runCommand(words, now.timeouts().tool(), _ -> {});
        if (!result.isSuccess()) {
            throw new PostgresException(
                    "post-bootstrap command " + command.getFirst() + ": " + result.explain());
        }
    }

    private static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    private static String literal(String value) {
        return "'" + value.replace("'", "''") + "'";
    }
}
