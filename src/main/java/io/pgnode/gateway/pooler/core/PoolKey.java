package io.pgnode.gateway.pooler.core;

/**
 * Servers with the same key are interchangeable.
 *
 * @param target name of the member whose PostgreSQL it is
 * @param database name of the database as clients know it
 * @param user the role
 */
public record PoolKey(String target, String database, String user) {
    @Override
    public String toString() {
        return user + "@" + database + " on " + target;
    }
}
