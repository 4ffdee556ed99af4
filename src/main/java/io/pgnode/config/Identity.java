package io.pgnode.config;

import io.pgnode.model.HostPort;
import io.pgnode.model.MemberName;

/**
 * Who this node is, derived from a checked configuration.
 *
 * @param cluster name of the cluster, Patroni's scope
 * @param address how other hosts reach this one
 * @param postgresql where the others reach our PostgreSQL
 * @param rest where the others reach our REST API
 */
public record Identity(
        String cluster, MemberName name, String address, HostPort postgresql, HostPort rest) {
    /** The configuration must come from {@link ConfigLoader}, which requires what is read here. */
    public static Identity of(PgnodeConfig config) {
        String cluster = config.cluster().orElseThrow();
        String address = config.address().orElseThrow();
        String name = config.name().orElseGet(() -> cluster + "-" + config.seq().orElseThrow());
        PostgresqlConfig postgresql = config.postgresql();
        RestConfig rest = config.rest();
        return new Identity(
                cluster,
                new MemberName(name),
                address,
                postgresql
                        .connectAddress()
                        .orElseGet(() -> new HostPort(address, postgresql.port())),
                rest.connectAddress().orElseGet(() -> new HostPort(address, rest.port())));
    }

    /** The URL of our REST API in the member key. */
    public String restUrl(boolean tls) {
        return (tls ? "https://" : "http://") + rest;
    }
}
