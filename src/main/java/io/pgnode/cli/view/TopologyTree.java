package io.pgnode.cli.view;

import io.pgnode.cli.text.Cell;
import io.pgnode.cli.text.Table;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.model.MemberName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The member list as a tree: under each member those that stream from it.
 *
 * <p>A member streams from the leader unless its tag {@code replicatefrom} names another member.
 */
public final class TopologyTree {
    private final ClusterView view;
    private final Map<MemberName, List<Member>> children = new TreeMap<>();
    private final List<Member> roots = new ArrayList<>();
    private final Set<MemberName> drawn = new HashSet<>();
    private final List<List<Cell>> rows = new ArrayList<>();

    private TopologyTree(ClusterView view) {
        this.view = view;
        for (Member member : view.members().values()) {
            MemberName upstream = upstream(member);
            if (upstream == null) {
                roots.add(member);
            } else {
                children.computeIfAbsent(upstream, name -> new ArrayList<>()).add(member);
            }
        }
    }

    public static Table of(ClusterView view, String scope) {
        TopologyTree tree = new TopologyTree(view);
        for (Member root : tree.roots) {
            tree.draw(root, 0);
        }
        for (Member member : view.members().values()) {
            tree.draw(member, 0); // members that name each other in a circle
        }
        return MemberTable.table(view, scope, tree.rows);
    }

    private @Nullable MemberName upstream(Member member) {
        if (view.isLeader(member.name())) {
            return null;
        }
        String from = member.tags().replicateFrom();
        if (MemberName.isValid(from)) {
            MemberName name = new MemberName(from);
            if (view.members().containsKey(name) && !name.equals(member.name())) {
                return name;
            }
        }
        return view.leaderMember() == null ? null : view.leaderMember().name();
    }

    private void draw(Member member, int depth) {
        if (!drawn.add(member.name())) {
            return;
        }
        String branch = depth == 0 ? "" : "  ".repeat(depth - 1) + "+ ";
        rows.add(MemberTable.row(view, member, branch + member.name()));
        for (Member child : children.getOrDefault(member.name(), List.of())) {
            draw(child, depth + 1);
        }
    }
}
