package io.pgnode.gateway.route.core;

import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The servers of a service, from the cluster's view. */
public final class ClusterRoutes {
    private ClusterRoutes() {}

    /** In order of their names; members that have not said where they listen are left out. */
    public static List<ServerView> servers(
            ServiceSpec spec, ClusterSnapshot snapshot, long nowNanos) {
        ClusterView view = snapshot.view();
        boolean hasLease = nowNanos - snapshot.leaseDeadlineNanos() < 0;
        Lsn head = head(view);
        List<Judged> judged = new ArrayList<>();
        for (Member member : view.members().values()) {
            HostPort postgres = member.postgres();
            if (postgres != null) {
                judged.add(judge(spec, member, postgres, view, hasLease, head));
            }
        }
        readmitTheBestOfTheLate(judged);
        return judged.stream().map(one -> one.toView(spec)).toList();
    }

    private static Lsn head(ClusterView view) {
        Member leader = view.leaderMember();
        Lsn own = leader == null ? Lsn.NONE : leader.lsn();
        return Lsn.max(own, view.status().optime());
    }

    private static final class Judged {
        final Member member;
        final HostPort postgres;
        final MemberTraits traits;
        Condition condition = Condition.DOWN;
        boolean isBackup;
        boolean isLate;
        long lagBytes;
        String why = "";

        Judged(Member member, HostPort postgres) {
            this.member = member;
            this.postgres = postgres;
            this.traits = MemberTraits.of(member.tags().values());
        }

        ServerView toView(ServiceSpec spec) {
            int port = spec.targetPort();
            if (spec.mode() == ServiceMode.POOLED && traits.poolerPort() != 0) {
                port = traits.poolerPort();
            }
            HostPort address = port == 0 ? postgres : new HostPort(postgres.host(), port);
            return new ServerView(
                    member.name().value(),
                    address,
                    traits.weight(),
                    isBackup,
                    condition,
                    why,
                    CheckReport.NONE);
        }
    }

    private static Judged judge(
            ServiceSpec spec,
            Member member,
            HostPort postgres,
            ClusterView view,
            boolean hasLease,
            Lsn head) {
        Judged result = new Judged(member, postgres);
        boolean isLeader = view.isLeader(member.name());
        boolean isPrimary = isLeader && hasLease && member.role() == MemberRole.PRIMARY;
        RoleRule rule = rule(spec, result.traits, isPrimary);
        result.isBackup = rule != null && rule != spec.role();
        if (!member.isRunning()) {
            result.why = "state is " + member.state();
        } else if (isLeader && !hasLease) {
            result.why = "the leader's lease has run out";
        } else if (!isPrimary
                && member.role() != MemberRole.REPLICA
                && member.role() != MemberRole.STANDBY_LEADER) {
            result.why = "role is " + member.role().text() + " without being the leader";
        } else if (rule == null) {
            result.why = "is " + (isPrimary ? "primary" : "a standby");
        } else {
            result.condition = Condition.UP;
            result.why = isPrimary ? "primary, epoch " + view.epoch() : "standby";
            if (!isPrimary) {
                judgeLag(result, spec, head);
            }
        }
        return result;
    }

    private static @Nullable RoleRule rule(
            ServiceSpec spec, MemberTraits traits, boolean isPrimary) {
        if (spec.role().accepts(traits, isPrimary)) {
            return spec.role();
        }
        for (RoleRule backup : spec.backups()) {
            if (backup.accepts(traits, isPrimary)) {
                return backup;
            }
        }
        return null;
    }

    private static void judgeLag(Judged result, ServiceSpec spec, Lsn head) {
        Member member = result.member;
        boolean isKnown = !member.replayLsn().isNone();
        result.lagBytes = isKnown ? head.bytesAhead(member.replayLsn()) : Long.MAX_VALUE;
        if (spec.maxLagBytes() >= 0 && result.lagBytes > spec.maxLagBytes()) {
            result.isLate = true;
            result.condition = Condition.DOWN;
            result.why =
                    isKnown
                            ? "lags " + result.lagBytes + " bytes, limit " + spec.maxLagBytes()
                            : "its position is not known";
        }
    }

    /** Readers on old data are better off than readers on none. */
    private static void readmitTheBestOfTheLate(List<Judged> judged) {
        boolean isServed = judged.stream().anyMatch(one -> one.condition == Condition.UP);
        if (isServed) {
            return;
        }
        judged.stream()
                .filter(one -> one.isLate)
                .min(Comparator.comparingLong(one -> one.lagBytes))
                .ifPresent(
                        one -> {
                            one.condition = Condition.UP;
                            one.why = one.why + ", but nobody else is left";
                        });
    }
}
