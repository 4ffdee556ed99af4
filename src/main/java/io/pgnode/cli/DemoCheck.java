package io.pgnode.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.pgnode.cli.demo.DemoLayout;
import io.pgnode.cli.demo.DemoNode;
import io.pgnode.cli.demo.DemoSql;
import io.pgnode.cli.demo.DemoWriter;
import io.pgnode.cli.demo.NodeProcesses;
import io.pgnode.cli.demo.WriteLog;
import io.pgnode.cli.text.Cell;
import io.pgnode.cli.text.Column;
import io.pgnode.cli.text.Json;
import io.pgnode.cli.text.OutputFormat;
import io.pgnode.cli.text.Style;
import io.pgnode.cli.text.Table;
import io.pgnode.cluster.Member;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * The end-to-end test of a demo cluster: breaks it while a client writes, and demands every
 * acknowledged row back.
 */
final class DemoCheck {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration GLANCE = Duration.ofMillis(100);

    /** Rows to be acknowledged before and after each fault, so that its pause has two ends. */
    private static final int ROWS_AROUND = 25;

    private final Console console;
    private final DemoCluster cluster;
    private final DemoLayout layout;
    private final DemoStory story;
    private final List<String> failures = new ArrayList<>();
    private final List<List<Cell>> rows = new ArrayList<>();

    /** Something that is done to the cluster. */
    private interface Fault {
        void strike() throws Exception;
    }

    DemoCheck(Console console, DemoCluster cluster, DemoLayout layout, DemoStory story) {
        this.console = console;
        this.cluster = cluster;
        this.layout = layout;
        this.story = story;
    }

    ExitCode run() throws Exception {
        DemoWriter writer = DemoWriter.start(layout);
        try {
            WriteLog log = writer.log();
            int all = layout.nodes().size();
            hit("switchover", log, all, this::switchOver);
            hit("kill -9 of the primary's postmaster", log, all, this::killPostmaster);
            DemoNode lost = cluster.leader();
            hit("kill -9 of the primary's node", log, all - 1, () -> killNode(lost));
            hit("return of the node", log, all, () -> cluster.start(lost));
            compare(writer);
        } finally {
            writer.stop();
        }
        return report();
    }

    /** Strikes, waits until the cluster is whole again, and notes the pause. */
    private void hit(String name, WriteLog log, int members, Fault fault) throws Exception {
        story.heading(name);
        log.mark(System.nanoTime());
        awaitRows(name, log, log.sinceMark() + ROWS_AROUND);
        DemoNode before = cluster.leader();
        long start = System.nanoTime();
        log.mark(start);
        fault.strike();
        awaitRows(name, log, ROWS_AROUND);
        cluster.await(
                name + ": the cluster is not whole again",
                view -> DemoCluster.isWhole(view, members) && streams(members),
                LIMIT);
        awaitRows(name, log, log.sinceMark() + ROWS_AROUND);
        long end = System.nanoTime();
        double gap = log.longestPauseNanos(end) / 1e9;
        double whole = (end - start) / 1e9;
        DemoNode after = cluster.leader();
        story.step(
                "writes paused %.2f s; the primary is %s; whole again after %.1f s"
                        .formatted(gap, after.name(), whole));
        rows.add(
                List.of(
                        Cell.of(name),
                        Cell.of("%.2f".formatted(gap), Style.STRONG),
                        Cell.of(before.name() + " -> " + after.name()),
                        Cell.of("%.1f".formatted(whole))));
    }

    /** As the command does: asks the leader, and tells what happens until it has answered. */
    private void switchOver() throws IOException {
        DemoNode from = cluster.leader();
        Member member = Objects.requireNonNull(cluster.view().leaderMember());
        String body =
                Json.compact(
                        JsonNodeFactory.instance.objectNode().put("leader", from.name().value()));
        MemberApi api = cluster.session().api();
        CompletableFuture<MemberApi.Answer> asked = new CompletableFuture<>();
        Thread.startVirtualThread(
                () -> {
                    try {
                        asked.complete(api.call(member, "POST", "/switchover", body, LIMIT));
                    } catch (IOException | RuntimeException e) {
                        asked.completeExceptionally(e);
                    }
                });
        story.step("asked " + from.name() + " to switch over");
        while (!asked.isDone()) {
            cluster.look(GLANCE);
        }
        MemberApi.Answer answer = asked.join();
        if (!answer.isSuccess()) {
            throw new IOException("switchover refused: " + answer.text().strip());
        }
    }

    private void killPostmaster() throws IOException {
        DemoNode victim = cluster.leader();
        new NodeProcesses(victim).killPostmaster();
        story.step("killed the postmaster of " + victim.name());
    }

    private void killNode(DemoNode victim) throws IOException {
        cluster.forget(victim);
        new NodeProcesses(victim).killAll();
        story.step("killed all processes of " + victim.name());
    }

    private boolean streams(int members) {
        try {
            return DemoSql.streaming(cluster.leader()) >= members - 1;
        } catch (SQLException | CliException e) {
            return false; // the leader has just changed
        }
    }

    private void awaitRows(String name, WriteLog log, long count) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (log.sinceMark() < count) {
            cluster.look(GLANCE);
            if (System.nanoTime() - deadline >= 0) {
                throw new CliException(
                        ExitCode.FAILED,
                        name + ": nobody has accepted writes for " + LIMIT.toSeconds() + " s",
                        "see the logs in " + layout.directory() + " (use --dir or --keep)");
            }
        }
    }

    /** Stops the writer, then compares every member with what was acknowledged. */
    private void compare(DemoWriter writer) throws Exception {
        story.heading("comparison");
        writer.stop();
        Set<Long> acknowledged = new TreeSet<>(writer.log().acknowledged());
        for (DemoNode node : layout.nodes()) {
            Set<Long> missing = missing(node, acknowledged);
            if (missing.isEmpty()) {
                story.step(
                        "%s has all %d acknowledged rows"
                                .formatted(node.name(), acknowledged.size()));
            } else {
                failures.add(
                        "%s misses %d of %d acknowledged rows, such as %s"
                                .formatted(
                                        node.name(),
                                        missing.size(),
                                        acknowledged.size(),
                                        missing.iterator().next()));
            }
        }
    }

    /** A standby gets the time to replay what it has received. */
    private Set<Long> missing(DemoNode node, Set<Long> acknowledged) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (true) {
            Set<Long> missing = new TreeSet<>(acknowledged);
            missing.removeAll(DemoSql.rows(node));
            if (missing.isEmpty() || System.nanoTime() - deadline >= 0) {
                return missing;
            }
            Thread.sleep(GLANCE);
        }
    }

    private ExitCode report() {
        console.println("");
        console.print(
                OutputFormat.table,
                new Table(
                        "Check of a cluster with " + layout.nodes().size() + " nodes",
                        List.of(
                                Column.text("Case"),
                                Column.number("Write gap, s"),
                                Column.text("Primary"),
                                Column.number("Whole again, s")),
                        rows));
        if (failures.isEmpty()) {
            console.println(
                    Style.GOOD.paint(
                            "passed: every acknowledged row is there, all members stream",
                            console.look().colour()));
            return ExitCode.OK;
        }
        throw new CliException(
                ExitCode.FAILED, "the check failed: " + String.join("; ", failures), "");
    }
}
