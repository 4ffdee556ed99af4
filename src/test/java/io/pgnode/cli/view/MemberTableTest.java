package io.pgnode.cli.view;

import static io.pgnode.cli.view.SampleViews.N1;
import static io.pgnode.cli.view.SampleViews.N2;
import static io.pgnode.cli.view.SampleViews.N3;
import static io.pgnode.cli.view.SampleViews.member;
import static io.pgnode.cli.view.SampleViews.view;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cli.text.Look;
import io.pgnode.cli.text.OutputFormat;
import io.pgnode.cli.text.Table;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.SwitchoverRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MemberTableTest {
    private static final Look BOXED = new Look(true, false, true, 0);
    private static final Look ASCII = new Look(true, false, false, 100);

    private static String show(ClusterView view, OutputFormat format, Look look) {
        return format.render(MemberTable.of(view, "pg-test"), look);
    }

    @Test
    void drawsABoxOnATerminal() {
        assertThat(show(SampleViews.typical(), OutputFormat.table, BOXED))
                .isEqualTo(
"""
╭ Cluster: pg-test (7300000000000000001) ────┬───────────┬────┬───────────┬─────────────────┬─────────────────────────────┬───────────────────────────┬──────────────────────────────────────────────╮
│ Member    │ Host            │ Role         │ State     │ TL │ Lag in MB │ Pending restart │ Pending restart reason      │ Scheduled restart         │ Tags                                         │
├───────────┼─────────────────┼──────────────┼───────────┼────┼───────────┼─────────────────┼─────────────────────────────┼───────────────────────────┼──────────────────────────────────────────────┤
│ pg-test-1 │ 127.0.0.1:15432 │ Leader       │ running   │  2 │           │                 │                             │                           │                                              │
│ pg-test-2 │ 127.0.0.1:25432 │ Sync Standby │ streaming │  2 │        16 │ *               │ max_connections: 100 -> 200 │                           │ {clonefrom: true, zone: a}                   │
│ pg-test-3 │ 127.0.0.1:35432 │ Replica      │ starting  │  1 │   unknown │                 │                             │ 2026-11-21T10:00:00+00:00 │ {nofailover: true, replicatefrom: pg-test-2} │
╰───────────┴─────────────────┴──────────────┴───────────┴────┴───────────┴─────────────────┴─────────────────────────────┴───────────────────────────┴──────────────────────────────────────────────╯
""");
    }

    @Test
    void leavesOutEmptyColumnsOnATerminalAndNotesWhatMatters() {
        ClusterView view =
                view(
                        N1,
                        "{\"pause\": true}",
                        new SwitchoverRequest(N1, N2, Instant.parse("2026-11-21T10:00:00Z"), 1),
                        List.of(
                                member(N1, 15432, MemberRole.PRIMARY, "running", 64, 2, Map.of()),
                                member(N2, 25432, MemberRole.REPLICA, "running", 64, 2, Map.of())));

        assertThat(show(view, OutputFormat.table, ASCII))
                .isEqualTo(
"""
+ Cluster: pg-test (7300000000000000001) ----+---------+----+-----------+
| Member    | Host            | Role         | State   | TL | Lag in MB |
+-----------+-----------------+--------------+---------+----+-----------+
| pg-test-1 | 127.0.0.1:15432 | Leader       | running |  2 |           |
| pg-test-2 | 127.0.0.1:25432 | Sync Standby | running |  2 |         0 |
+-----------+-----------------+--------------+---------+----+-----------+
 Maintenance mode: on
 Switchover scheduled at: 2026-11-21T10:00:00Z
                    from: pg-test-1
                      to: pg-test-2
""");
    }

    @Test
    void keepsEveryColumnInAPipe() {
        assertThat(show(SampleViews.typical(), OutputFormat.table, Look.PLAIN))
                .isEqualTo(
"""
 Cluster | Member    | Host            | Role         | State     | TL | Lag in MB | Pending restart | Pending restart reason      | Scheduled restart         | Tags
---------+-----------+-----------------+--------------+-----------+----+-----------+-----------------+-----------------------------+---------------------------+----------------------------------------------
 pg-test | pg-test-1 | 127.0.0.1:15432 | Leader       | running   |  2 |           |                 |                             |                           |
 pg-test | pg-test-2 | 127.0.0.1:25432 | Sync Standby | streaming |  2 |        16 | *               | max_connections: 100 -> 200 |                           | {clonefrom: true, zone: a}
 pg-test | pg-test-3 | 127.0.0.1:35432 | Replica      | starting  |  1 |   unknown |                 |                             | 2026-11-21T10:00:00+00:00 | {nofailover: true, replicatefrom: pg-test-2}
""");
    }

    @Test
    void writesTheValuesOfPatronictlAsJsonYamlAndTsv() {
        ClusterView view = SampleViews.typical();

        assertThat(show(view, OutputFormat.json, BOXED).replaceAll("\\s+", ""))
                .contains(
                        "{\"Cluster\":\"pg-test\",\"Member\":\"pg-test-1\",\"Host\":\"127.0.0.1:15432\","
                                + "\"Role\":\"Leader\",\"State\":\"running\",\"TL\":2}")
                .contains("\"LaginMB\":16,\"Pendingrestart\":\"*\"")
                .contains("\"Tags\":{\"clonefrom\":true,\"zone\":\"a\"}")
                .contains("\"LaginMB\":\"unknown\"");
        assertThat(show(view, OutputFormat.yaml, BOXED))
                .startsWith("- Cluster: pg-test\n  Member: pg-test-1\n  Host: 127.0.0.1:15432\n")
                .contains("  Lag in MB: 16\n  Pending restart: '*'\n")
                .contains("  Tags:\n    clonefrom: true\n    zone: a\n");
        assertThat(show(view, OutputFormat.tsv, BOXED).lines().skip(2).findFirst())
                .hasValue(
                        "pg-test\tpg-test-2\t127.0.0.1:25432\tSync Standby\tstreaming\t2\t16\t*\t"
                                + "max_connections: 100 -> 200\t\t{clonefrom: true, zone: a}");
    }

    @Test
    void coloursWhatNeedsAttention() {
        String text =
                show(SampleViews.typical(), OutputFormat.table, new Look(true, true, true, 0));

        assertThat(text)
                .contains("\033[32mrunning\033[0m   │")
                .contains("\033[33mstarting\033[0m  │")
                .contains("  \033[33m16\033[0m │");
    }

    @Test
    void saysThatNobodyLeads() {
        ClusterView view =
                view(
                        null,
                        "{}",
                        null,
                        List.of(member(N3, 35432, MemberRole.REPLICA, "stopped", 1, 1, Map.of())));

        assertThat(MemberTable.of(view, "pg-test").notes())
                .containsExactly("No leader: nobody accepts writes");
    }

    @Test
    void cutsTheLastColumnToTheWidthOfTheTerminal() {
        Table table = MemberTable.of(SampleViews.typical(), "pg-test");

        String text = OutputFormat.table.render(table, new Look(true, false, true, 180));

        assertThat(text.lines().map(String::length)).containsOnly(180);
        assertThat(text).contains("{nofailover: true, replic… │");
    }
}
