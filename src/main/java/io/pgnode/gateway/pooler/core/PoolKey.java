package io.pgnode.gateway.pooler.core;

/**
 * Servers with the same key are interchangeable.
 *
 * @param target {@link #LOCAL}, {@link #PRIMARY}, {@link #MEMBER} and the name of a member, or
 *     {@link #NOBODY} and the name of a service
 * @param database name of the database as clients know it
 * @param user the role
 */
public record PoolKey(String target, String database, String user) {
    /** The servers that the database's own settings name: those of this node. */
    public static final String LOCAL = "local";

    /** The primary, wherever it is. */
    public static final String PRIMARY = "primary";

    /** One member, wherever it is. */
    public static final String MEMBER = "member:";

    /** Nobody: clients of the service of that name wait until one of its members serves again. */
    public static final String NOBODY = "nobody:";

    @Override
    public String toString() {
        return user + "@" + database + " on " + target;
    }
}
