package io.pgnode.cluster;

import io.pgnode.model.MemberName;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The sync key: which standbys hold every acknowledged commit of {@code leader}, and so may be
 * promoted without loss.
 *
 * <p>Invariant: a name stands here only while PostgreSQL waits for it before acknowledging a
 * commit. A standby is added after PostgreSQL waits for it and it caught up, and removed before
 * PostgreSQL stops waiting.
 *
 * @param leader null when the key does not exist
 * @param quorum number of votes needed in quorum mode; zero otherwise
 * @param modRevision revision to compare when it is replaced; zero when the key does not exist
 */
public record SyncState(
        @Nullable MemberName leader, Set<MemberName> standbys, int quorum, long modRevision) {
    public static final SyncState NONE = new SyncState(null, Set.of(), 0, 0);

    public SyncState {
        standbys = Collections.unmodifiableSet(new TreeSet<>(standbys));
    }

    /** Whether {@code name} was the leader of this state or one of its synchronous standbys. */
    public boolean includes(MemberName name) {
        return name.equals(leader) || standbys.contains(name);
    }
}
