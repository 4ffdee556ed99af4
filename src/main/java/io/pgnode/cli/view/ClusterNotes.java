package io.pgnode.cli.view;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.SwitchoverRequest;
import java.util.ArrayList;
import java.util.List;

/** What an operator must know besides the members, one line each. */
final class ClusterNotes {
    private ClusterNotes() {}

    static List<String> of(ClusterView view) {
        List<String> notes = new ArrayList<>();
        if (view.isPaused()) {
            notes.add("Maintenance mode: on");
        }
        if (view.switchover() != null) {
            notes.addAll(switchover(view.switchover()));
        }
        if (view.leader() == null && !view.members().isEmpty()) {
            notes.add("No leader: nobody accepts writes");
        } else if (view.leader() != null && view.leaderMember() == null) {
            notes.add("Leader " + view.leader().name() + " has no member key (yet)");
        }
        for (String problem : view.problems()) {
            notes.add("Unreadable key: " + problem);
        }
        return notes;
    }

    private static List<String> switchover(SwitchoverRequest request) {
        String kind = request.isFailover() ? "Failover" : "Switchover";
        List<String> lines = new ArrayList<>();
        String first =
                request.scheduledAt() == null
                        ? kind + " requested"
                        : kind + " scheduled at: " + request.scheduledAt();
        lines.add(first);
        int indent = Math.max(first.indexOf(':') + 1, 8);
        if (request.leader() != null) {
            lines.add(" ".repeat(indent - 5) + "from: " + request.leader());
        }
        if (request.candidate() != null) {
            lines.add(" ".repeat(indent - 3) + "to: " + request.candidate());
        }
        return lines;
    }
}
