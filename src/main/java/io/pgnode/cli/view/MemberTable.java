package io.pgnode.cli.view;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.cli.text.Cell;
import io.pgnode.cli.text.Column;
import io.pgnode.cli.text.Style;
import io.pgnode.cli.text.Table;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The member list: one row per member, by name. */
public final class MemberTable {
    private static final List<Column> COLUMNS =
            List.of(
                    Column.text("Member"),
                    Column.text("Host"),
                    Column.text("Role"),
                    Column.text("State"),
                    Column.number("TL"),
                    Column.number("Lag in MB"),
                    Column.optional("Pending restart"),
                    Column.optional("Pending restart reason"),
                    Column.optional("Scheduled restart"),
                    Column.optional("Tags"));

    private MemberTable() {}

    public static Table of(ClusterView view, String scope) {
        List<List<Cell>> rows = new ArrayList<>();
        for (Member member : view.members().values()) {
            rows.add(row(view, member, member.name().value()));
        }
        return table(view, scope, rows);
    }

    static Table table(ClusterView view, String scope, List<List<Cell>> rows) {
        return new Table(
                title(view, scope),
                new Table.Key("Cluster", scope),
                COLUMNS,
                rows,
                ClusterNotes.of(view));
    }

    /**
     * @param label what to show as the member's name
     */
    static List<Cell> row(ClusterView view, Member member, String label) {
        MemberRoles role = MemberRoles.of(view, member);
        return List.of(
                Cell.of(label, role.isLeader() ? Style.STRONG : Style.PLAIN),
                Cell.of(member.postgres() == null ? "" : member.postgres().toString()),
                Cell.of(role.text(), role.isLeader() ? Style.STRONG : Style.PLAIN),
                MemberState.cell(member),
                timeline(view, member),
                role.isLeader() ? Cell.EMPTY : lag(view, member),
                member.pendingRestart().isEmpty() ? Cell.EMPTY : Cell.of("*", Style.WARNING),
                pendingReason(member.pendingRestart()),
                Cell.of(ScheduledRestart.describe(member.scheduledRestart())),
                tags(member.tags()));
    }

    private static String title(ClusterView view, String scope) {
        String systemId = view.initialize() == null ? "" : view.initialize().systemId();
        String state = systemId.isEmpty() ? "uninitialized" : systemId;
        return "Cluster: " + scope + " (" + state + ")";
    }

    private static Cell timeline(ClusterView view, Member member) {
        if (member.timeline() == 0) {
            return Cell.EMPTY;
        }
        Member leader = view.leaderMember();
        boolean differs = leader != null && leader.timeline() != member.timeline();
        return Cell.of(member.timeline(), differs ? Style.WARNING : Style.PLAIN);
    }

    private static Cell lag(ClusterView view, Member member) {
        OptionalLong bytes = MemberLag.bytes(view, member);
        if (bytes.isEmpty()) {
            return Cell.of("unknown", Style.WARNING);
        }
        boolean tooMuch =
                view.config() != null && bytes.getAsLong() > view.config().maximumLagOnFailover();
        return Cell.of(
                MemberLag.megabytes(bytes.getAsLong()), tooMuch ? Style.WARNING : Style.PLAIN);
    }

    private static Cell pendingReason(Map<String, String> changes) {
        return Cell.of(
                new TreeMap<>(changes)
                        .entrySet().stream()
                                .filter(e -> !e.getValue().isEmpty())
                                .map(e -> e.getKey() + ": " + e.getValue())
                                .collect(Collectors.joining(", ")));
    }

    private static Cell tags(Tags tags) {
        if (tags.values().isEmpty()) {
            return Cell.EMPTY;
        }
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        tags.values().forEach((key, value) -> object.set(key, TagValue.json(value)));
        String text =
                tags.values().entrySet().stream()
                        .map(e -> e.getKey() + ": " + e.getValue())
                        .collect(Collectors.joining(", ", "{", "}"));
        return Cell.of(text, object, Style.FAINT);
    }
}
