package io.pgnode.gateway.pooler.hba;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A login as rules see it.
 *
 * @param from null on a unix socket
 */
public record Login(String user, String database, @Nullable InetAddress from, boolean isTls) {
    public boolean isLocal() {
        return from == null;
    }
}
