package io.pgnode.ha;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.Standby;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.cluster.SyncMode;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Whether a switchover can be carried out, seen from the leader. */
public final class SwitchoverCheck {
    private SwitchoverCheck() {}

    /** Why {@code request} cannot be carried out; null when it can. */
    public static @Nullable String problem(
            SwitchoverRequest request, ClusterView view, InstanceView leaderInstance) {
        if (request.leader() != null && !view.isLeader(request.leader())) {
            return "the leader is not " + request.leader();
        }
        if (request.candidate() != null) {
            return candidateProblem(request.candidate(), view, leaderInstance);
        }
        return bestCandidate(view, leaderInstance) == null
                ? "no member is a running, streaming standby that may be promoted"
                : null;
    }

    /** The candidate that would lose nothing and is most advanced; null when nobody qualifies. */
    public static @Nullable MemberName bestCandidate(
            ClusterView view, InstanceView leaderInstance) {
        return view.members().values().stream()
                .filter(member -> candidateProblem(member.name(), view, leaderInstance) == null)
                .max(
                        Comparator.<Member, Lsn>comparing(
                                        member -> position(member, leaderInstance))
                                .thenComparingInt(member -> member.tags().failoverPriority())
                                .thenComparing(Member::name, Comparator.reverseOrder()))
                .map(Member::name)
                .orElse(null);
    }

    /** Whether the DCS knows a running member that could be promoted instead of {@code self}. */
    static boolean anybodyElse(ClusterView view, MemberName self) {
        boolean mustBeSync =
                view.settings().synchronousMode() != SyncMode.OFF && view.sync().leader() != null;
        return view.members().values().stream()
                .anyMatch(
                        member ->
                                !member.name().equals(self)
                                        && member.isRunning()
                                        && !member.tags().noFailover()
                                        && (!mustBeSync || view.sync().includes(member.name())));
    }

    private static @Nullable String candidateProblem(
            MemberName candidate, ClusterView view, InstanceView leaderInstance) {
        Member member = view.members().get(candidate);
        if (member == null) {
            return candidate + " is not a member of the cluster";
        }
        if (view.isLeader(candidate)) {
            return candidate + " is the leader already";
        }
        if (!member.isRunning()) {
            return candidate + " is not running but " + member.state();
        }
        if (member.tags().noFailover()) {
            return candidate + " is tagged nofailover";
        }
        if (view.settings().synchronousMode() != SyncMode.OFF
                && view.sync().leader() != null
                && !view.sync().includes(candidate)) {
            return candidate + " is not a synchronous standby";
        }
        Standby standby = standby(candidate, leaderInstance);
        if (standby == null || !standby.state().equals("streaming")) {
            return candidate + " does not stream from the leader";
        }
        Lsn position = position(member, leaderInstance);
        if (position.equals(Lsn.NONE)) {
            return candidate + " has not told yet how much WAL it has; HINT: try again in a moment";
        }
        long lagBytes = leaderInstance.flushLsn().bytesAhead(position);
        if (lagBytes > view.settings().maximumLagOnFailover()) {
            return candidate + " lags " + lagBytes + " bytes, more than maximum_lag_on_failover";
        }
        return null;
    }

    /**
     * As far as anybody knows. A standby that has just connected streams for up to
     * wal_receiver_status_interval before it answers with what it has flushed; its own key may say
     * it earlier.
     */
    private static Lsn position(Member member, InstanceView leaderInstance) {
        Standby standby = standby(member.name(), leaderInstance);
        if (standby == null) {
            return Lsn.NONE;
        }
        return member.timeline() == leaderInstance.timeline()
                ? Lsn.max(standby.flushLsn(), member.lsn())
                : standby.flushLsn();
    }

    private static @Nullable Standby standby(MemberName name, InstanceView leaderInstance) {
        for (Standby standby : leaderInstance.replication()) {
            if (standby.applicationName().equalsIgnoreCase(name.value())) {
                return standby;
            }
        }
        return null;
    }
}
