package io.pgnode.cluster;

import io.pgnode.model.MemberName;
import java.util.Map;
import java.util.Set;

/**
 * A recovery of the whole cluster to a point in time, under way: the key {@code pgnode/recovery}.
 *
 * <p>While it exists nobody leads but the member it names, until that member's instance has been
 * restored and accepts writes on a new timeline; then the others are rebuilt. Every step is safe to
 * stop after: what is done can be seen from the data directories, and the member that comes next
 * goes on.
 *
 * <ol>
 *   <li>{@link Step#STOP}: every instance stops, the leader's too. Nothing has been overwritten.
 *   <li>{@link Step#RESTORE}: the leader restores, recovers to the target and promotes. The others
 *       stay stopped, with their data as it was: when the key is deleted now, they elect a leader
 *       with it, as if nothing had happened.
 *   <li>{@link Step#REBUILD}: the leader accepts writes; who has not been on its timeline is made a
 *       replica anew. When everybody is, the leader deletes the key.
 * </ol>
 *
 * @param id of this recovery, for logs
 * @param leader whose instance is restored
 * @param target options of {@code pgnode restore} without their dashes, of {@link #OPTIONS}
 * @param timeline of the leader before the restore; in REBUILD the one it began afterwards; zero
 *     while not known
 * @param problem why the current step has not succeeded yet; empty when there is none
 * @param modRevision of the key; zero when it is to be created
 */
public record ClusterRecovery(
        String id,
        MemberName leader,
        Map<String, String> target,
        Step step,
        int timeline,
        String problem,
        long modRevision) {
    /** What the target may consist of. */
    public static final Set<String> OPTIONS =
            Set.of("type", "target", "target-exclusive", "target-timeline", "set", "repo");

    /** How far it is. */
    public enum Step {
        STOP,
        RESTORE,
        REBUILD
    }

    public ClusterRecovery {
        target = Map.copyOf(target);
        for (String option : target.keySet()) {
            if (!OPTIONS.contains(option)) {
                throw new IllegalArgumentException(
                        "a recovery's target has no \"" + option + "\", only " + OPTIONS);
            }
        }
    }

    /** The next step. */
    public ClusterRecovery to(Step next, int itsTimeline) {
        return new ClusterRecovery(id, leader, target, next, itsTimeline, "", modRevision);
    }

    public ClusterRecovery withProblem(String why) {
        return new ClusterRecovery(id, leader, target, step, timeline, why, modRevision);
    }
}
