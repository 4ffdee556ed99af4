package io.pgnode.backup.schedule;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.Tags;
import io.pgnode.model.HostPort;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Views of a cluster whose members answer. */
public final class Views {
    private static final long POSITION = 1L << 33;

    private final Map<String, Member> members = new LinkedHashMap<>();
    private final String leader;

    public Views(String leader) {
        this.leader = leader;
        put(leader, MemberRole.PRIMARY, "running", 0, Tags.NONE);
    }

    public Views standby(String name, long lag) {
        put(name, MemberRole.REPLICA, "streaming", lag, Tags.NONE);
        return this;
    }

    public Views state(String name, String state) {
        return change(
                name, m -> member(name, m.role(), state, POSITION - m.lsn().value(), m.tags()));
    }

    public Views tag(String name, String tag, String value) {
        return change(
                name,
                m ->
                        member(
                                name,
                                m.role(),
                                m.state(),
                                POSITION - m.lsn().value(),
                                new Tags(Map.of(tag, value))));
    }

    public ClusterView view() {
        return view(new LeaderKey(new MemberName(leader), 1, 1, 1));
    }

    public ClusterView withoutLeader() {
        return view(null);
    }

    private ClusterView view(@Nullable LeaderKey key) {
        TreeMap<MemberName, Member> sorted = new TreeMap<>();
        members.values().forEach(member -> sorted.put(member.name(), member));
        ClusterView none = ClusterView.EMPTY;
        return new ClusterView(
                1,
                key,
                1,
                sorted,
                none.config(),
                none.initialize(),
                none.status(),
                none.sync(),
                none.switchover(),
                none.history(),
                none.failsafe(),
                none.handoff(),
                none.claim(),
                none.suspension(),
                none.recovery(),
                none.problems());
    }

    private Views change(String name, UnaryOperator<Member> change) {
        members.put(name, change.apply(Objects.requireNonNull(members.get(name))));
        return this;
    }

    private void put(String name, MemberRole role, String state, long lag, Tags tags) {
        members.put(name, member(name, role, state, lag, tags));
    }

    private static Member member(String name, MemberRole role, String state, long lag, Tags tags) {
        Lsn lsn = new Lsn(POSITION - lag);
        return new Member(
                new MemberName(name),
                new HostPort("127.0.0.1", 5432),
                "http://127.0.0.1:8008/patroni",
                role,
                state,
                "pgnode-0.1",
                tags,
                lsn,
                lsn,
                lsn,
                1,
                "streaming",
                Map.of(),
                "",
                false,
                1,
                1);
    }
}
