package io.pgnode.cluster;

import io.pgnode.model.MemberName;
import org.jspecify.annotations.Nullable;

/**
 * The newest timeline number that a leader set out to begin, written before its promotion.
 *
 * <p>PostgreSQL numbers a timeline by what it finds on its own disk, so two members that are
 * promoted one after the other, the second without having heard from the first, take the same
 * number, and nobody can tell the two timelines apart when they begin at the same position.
 * Invariant: within one cluster no two promotions are given the same number.
 *
 * @param timeline zero when nobody claimed one yet
 * @param member null when unknown
 * @param epoch of the lease under which it was claimed
 * @param modRevision of the key; zero when there is none
 */
public record TimelineClaim(
        int timeline, @Nullable MemberName member, long epoch, long modRevision) {
    public static final TimelineClaim NONE = new TimelineClaim(0, null, 0, 0);

    /** A key that says nothing, but can be replaced. */
    public static TimelineClaim unreadable(long modRevision) {
        return new TimelineClaim(0, null, 0, modRevision);
    }

    /**
     * How far a claim may be ahead of us and still be believed. Each number between costs a file in
     * pg_wal, and each came from a promotion that failed.
     */
    public static final int MAX_AHEAD = 1000;

    /**
     * The number for the next promotion: newer than our own timeline, than any that was claimed,
     * and than the last in the history.
     *
     * @param own the timeline of the standby that is to be promoted
     */
    public int next(int own, TimelineHistory history) {
        return Math.max(believed(own, timeline), believed(own, history.currentTimeline())) + 1;
    }

    private static int believed(int own, int other) {
        return other > own && other - own <= MAX_AHEAD ? other : own;
    }
}
