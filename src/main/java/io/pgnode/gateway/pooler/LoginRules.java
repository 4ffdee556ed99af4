package io.pgnode.gateway.pooler;

import io.pgnode.wire.ScramSecret;
import org.jspecify.annotations.Nullable;

/** Who may log in, and how he proves who he is. Thread-safe. */
interface LoginRules {
    /** How a login is proved. */
    enum Method {
        TRUST,
        PLAIN,
        MD5,
        SCRAM,
        REJECT
    }

    /**
     * What is known of a role.
     *
     * @param secret plain password, md5 or SCRAM; null when it has none and cannot log in by one
     */
    record Role(String name, @Nullable String secret) {
        @Override
        public String toString() {
            return "Role[" + name + "]";
        }
    }

    Method method(String user, String database, java.net.SocketAddress from, boolean isTls);

    /** Null for unknown roles. */
    @Nullable Role role(String user);

    /** Whether a role that is not known may log in where nothing has to be proved. */
    boolean trustsUnknown();

    /** The SCRAM secret of a role; null when it has a password of another kind. */
    @Nullable ScramSecret scramSecret(Role role);

    /** Stands in for the secret of a role that does not exist, the same for each question. */
    ScramSecret mockSecret(String user);
}
