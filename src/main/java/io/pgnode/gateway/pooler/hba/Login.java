package io.pgnode.gateway.pooler.hba;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A login as rules see it.
 *
 * @param from null on a unix socket
 * @param isReplication of whole servers, which only lines that say so let in
 */
public record Login(
        String user,
        String database,
        @Nullable InetAddress from,
        boolean isTls,
        boolean isReplication) {
    /** To a database. */
    public Login(String user, String database, @Nullable InetAddress from, boolean isTls) {
        this(user, database, from, isTls, false);
    }

    public boolean isLocal() {
        return from == null;
    }
}
