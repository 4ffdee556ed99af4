package io.pgnode.cli.view;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.model.Lsn;
import java.util.OptionalLong;

/** How far a member is behind the leader, as far as the DCS tells. */
public final class MemberLag {
    private MemberLag() {}

    /**
     * Bytes between the leader's last known position and the member's; empty when either is
     * unknown.
     *
     * <p>The leader's position is the larger of the status key and its member key: both are up to
     * one cycle old.
     */
    public static OptionalLong bytes(ClusterView view, Member member) {
        Lsn end = view.status().optime();
        Member leader = view.leaderMember();
        if (leader != null) {
            end = Lsn.max(end, leader.lsn());
        }
        if (end.isNone() || member.lsn().isNone()) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(end.bytesAhead(member.lsn()));
    }

    /** To the nearest megabyte (of 1024 * 1024 bytes). */
    public static long megabytes(long bytes) {
        return Math.round(bytes / 1048576.0);
    }
}
