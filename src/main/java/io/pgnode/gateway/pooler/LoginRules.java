package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.hba.Login;
import io.pgnode.wire.ScramSecret;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Who may log in, and how he proves who he is. Thread-safe; never blocks. */
interface LoginRules {
    /** How a login is proved. */
    enum Method {
        TRUST,
        PLAIN,
        MD5,
        SCRAM,
        CERT,
        PEER,
        REJECT
    }

    /**
     * What the rules say.
     *
     * @param map user name map of CERT and PEER; empty for none
     * @param why where it is written, for the log
     */
    record Ruling(Method method, String map, String why) {}

    /**
     * What is known of a role.
     *
     * @param secret plain password, md5 or SCRAM; null when it has none and cannot log in by one
     * @param scram the parsed or derived SCRAM secret; null when there is none
     */
    record Role(String name, @Nullable String secret, @Nullable ScramSecret scram) {
        @Override
        public String toString() {
            return "Role[" + name + "]";
        }
    }

    /** What a search for a role found. */
    sealed interface Found {
        record Known(Role role) implements Found {}

        record Unknown() implements Found {}

        /** Nobody could be asked. */
        record Failed(String sqlState, String message) implements Found {}
    }

    Ruling rule(Login login);

    /** Whether somebody known outside may be this role. */
    boolean mayBe(String map, String outside, String role);

    /**
     * Finds a role; {@code then} is called at once, or later by any thread.
     *
     * @param database null when it does not exist
     * @param needsScram whether a plain password is wanted as SCRAM secret
     */
    void find(
            String user,
            @Nullable DatabaseSettings database,
            boolean needsScram,
            Consumer<Found> then);

    /** A login of this role was refused: what is remembered of its secret may be old. */
    void forget(String user, @Nullable DatabaseSettings database);

    /** Whether a role that is not known may log in where nothing has to be proved. */
    boolean trustsUnknown();

    /** The roles that files name; others may be known all the same. */
    default Set<String> names() {
        return Set.of();
    }

    /** Stands in for the secret of a role that does not exist, the same for each question. */
    ScramSecret mockSecret(String user);
}
