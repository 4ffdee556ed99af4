package io.pgnode.gateway.pooler;

import org.jspecify.annotations.Nullable;

/**
 * Where the servers of a target are.
 *
 * @param member whose they are; empty for those that the database's own settings name
 * @param link the pooler of that member; null when its PostgreSQL is at hand
 * @param isPrimary it takes writes: whatever is in recovery there is not it, or not yet
 * @param epoch of the leader who made it so; servers of another one are not used any more
 */
record Route(String member, @Nullable ServerAddresses link, boolean isPrimary, long epoch) {
    /** What a database's own settings say. */
    static final Route OWN = new Route("", null, false, 0);

    /** Whether servers of the one serve as servers of the other. */
    boolean isSameAs(@Nullable Route other) {
        if (other == null || epoch != other.epoch || (link == null) != (other.link == null)) {
            return false;
        }
        return member.equals(other.member)
                && (link == null || other.link == null || link.isSameAs(other.link));
    }

    /** Servers for that role; those of a linked pooler know the database as its clients do. */
    Target target(DatabaseSettings database, String user, ServerSecret secret) {
        Target target = anyTarget(database, user, secret);
        return isPrimary ? target.primary() : target;
    }

    private Target anyTarget(DatabaseSettings database, String user, ServerSecret secret) {
        if (link != null) {
            return database.linked(link, user, secret);
        }
        return database.forcedUser().isEmpty()
                ? database.target(user, secret)
                : database.target(database.forcedUser(), database.forcedSecret());
    }
}
