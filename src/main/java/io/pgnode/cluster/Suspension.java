package io.pgnode.cluster;

import io.pgnode.model.MemberName;
import org.jspecify.annotations.Nullable;

/**
 * The member that may accept writes without a lease, because the cluster is paused.
 *
 * <p>In a pause the loss of a lease fences nothing. So when the pause ends, a primary may be
 * running that has no lease and no deadline, whose agent is dead or cut off, and no clock says when
 * it will stop. Invariants:
 *
 * <ol>
 *   <li>A primary goes on beyond its lease only while this key names its member. The leader writes
 *       the key, comparing leader and epoch, <em>before</em> it takes the deadline from the lease
 *       keeper and the guard, and deletes it <em>after</em> both have the deadline again.
 *   <li>Who is named alone may take the leader key, without being fenced; everybody else once the
 *       key is gone. The transaction that takes the leader key compares this one's revision, so
 *       nobody decides by an old view.
 *   <li>The key goes only when a deadline holds again, or when the member it names has seen that
 *       its own PostgreSQL does not accept writes. No time makes it go.
 * </ol>
 *
 * <p>An operator's failover to a named member overrides it, unless the member named here says that
 * it is a primary.
 *
 * @param member null when there is no key, or nobody can read it
 * @param epoch in which it was written; zero with {@code member}
 * @param modRevision of the key; zero when there is none
 */
public record Suspension(@Nullable MemberName member, long epoch, long modRevision) {
    public static final Suspension NONE = new Suspension(null, 0, 0);

    /** A key that may name anybody: it stands against all until a leader replaces it. */
    public static Suspension unreadable(long modRevision) {
        return new Suspension(null, 0, modRevision);
    }

    public boolean exists() {
        return modRevision != 0;
    }

    public boolean names(MemberName name) {
        return name.equals(member);
    }

    /** Whether somebody else may accept writes, so that {@code self} must not. */
    public boolean isAgainst(MemberName self) {
        return exists() && !names(self);
    }
}
