package io.pgnode.backup.schedule.core;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.model.MemberName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which member makes a backup. Members that see the same come to the same answer. */
public final class Placement {
    /** Standbys whose lag differs by less are as good. */
    private static final long LAG_STEP = 64L << 20;

    private Placement() {}

    /** Where an operator wants backups to be made. */
    public enum Preference {
        /** On a standby, and on the primary when there is none. */
        PREFER_STANDBY,
        STANDBY,
        PRIMARY
    }

    /**
     * Those who may make it, the best first: standbys by lag, then name. Empty without a leader,
     * since its server begins and ends every backup.
     */
    public static List<MemberName> order(ClusterView view, Preference preference) {
        Member leader = view.leaderMember();
        if (leader == null || !leader.isRunning() || view.recovery() != null) {
            return List.of();
        }
        List<MemberName> order = new ArrayList<>();
        if (preference != Preference.PRIMARY) {
            view.members().values().stream()
                    .filter(member -> isStandby(member, leader))
                    .sorted(
                            Comparator.comparingLong((Member member) -> lagStep(member, leader))
                                    .thenComparing(Member::name))
                    .forEach(member -> order.add(member.name()));
        }
        if (preference != Preference.STANDBY) {
            order.add(leader.name());
        }
        return order;
    }

    private static boolean isStandby(Member member, Member leader) {
        String noBackup = member.tags().values().getOrDefault("nobackup", "false");
        return !member.name().equals(leader.name())
                && member.isPgnode()
                && member.isRunning()
                && member.postgres() != null
                && !noBackup.equalsIgnoreCase("true")
                && (member.timeline() == 0 || member.timeline() == leader.timeline());
    }

    private static long lagStep(Member member, Member leader) {
        return leader.lsn().bytesAhead(member.replayLsn()) / LAG_STEP;
    }
}
