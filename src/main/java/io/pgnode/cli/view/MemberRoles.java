package io.pgnode.cli.view;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.SyncMode;

/** The role of a member in the cluster, in the words of the member list. */
public enum MemberRoles {
    LEADER("Leader"),
    STANDBY_LEADER("Standby Leader"),
    SYNC_STANDBY("Sync Standby"),
    QUORUM_STANDBY("Quorum Standby"),
    REPLICA("Replica");

    private final String text;

    MemberRoles(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    public boolean isLeader() {
        return this == LEADER || this == STANDBY_LEADER;
    }

    public static MemberRoles of(ClusterView view, Member member) {
        if (view.isLeader(member.name())) {
            return member.role() == MemberRole.STANDBY_LEADER ? STANDBY_LEADER : LEADER;
        }
        if (view.sync().standbys().contains(member.name())) {
            boolean quorum =
                    view.config() != null && view.config().synchronousMode() == SyncMode.QUORUM;
            return quorum ? QUORUM_STANDBY : SYNC_STANDBY;
        }
        return REPLICA;
    }
}
