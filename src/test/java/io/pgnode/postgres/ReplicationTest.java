package io.pgnode.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.Standby;
import io.pgnode.model.Lsn;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.ProcessTree;
import io.pgnode.os.Signal;
import io.pgnode.os.Signals;
import io.pgnode.postgres.core.BackupProgress;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** One primary with standbys, through the life of a cluster; the tests build on each other. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReplicationTest {
    private static final Duration PROBE = Duration.ofSeconds(5);
    private static RealPostgres first;
    private static RealPostgres second;
    private static RealPostgres third;

    @BeforeAll
    static void bootstrap() throws Exception {
        first = RealPostgres.create("node-1").bootstrap();
        first.sql("CREATE TABLE t (i int)");
        second = RealPostgres.create("node-2");
        third = RealPostgres.create("node-3");
    }

    @AfterAll
    static void remove() {
        first.close();
        second.close();
        third.close();
    }

    @Test
    @Order(1)
    void clonesWithProgressAndStreams() throws Exception {
        List<BackupProgress> seen = Collections.synchronizedList(new ArrayList<>());
        first.instance().createSlot(second.slot());
        second.instance().cloneFrom(first.asUpstreamOf(second), seen::add);
        assertThat(seen).isNotEmpty();
        assertThat(seen.getLast().bytesDone()).isPositive();
        assertThat(second.instance().observe().inRecovery()).isTrue();
        assertThat(second.instance().start(false, null, PROBE))
                .isInstanceOf(StartResult.Failed.class);
        second.startStandbyOf(first);
        third.cloneOf(first);
        awaitStreaming(second);
        awaitStreaming(third);
        InstanceView view = second.instance().observe();
        assertThat(view.isStandby()).isTrue();
        assertThat(view.upstream()).isEqualTo(first.settings().connectAddress());
        assertThat(view.timeline()).isEqualTo(1);
        assertThat(view.systemId()).isEqualTo(first.instance().observe().systemId());
        assertThat(second.instance().isFollowing(first.asUpstreamOf(second))).isTrue();
        first.instance().probe(PROBE);
        InstanceView primary = first.instance().observe();
        assertThat(primary.replication())
                .extracting(Standby::applicationName)
                .containsExactlyInAnyOrder("node-2", "node-3");
        assertThat(primary.slots()).containsExactlyInAnyOrder("node_2", "node_3");
    }

    @Test
    @Order(2)
    void showsNoPasswordInFilesAndArguments() throws Exception {
        String conf = Files.readString(second.settings().dataDir().resolve("postgresql.conf"));
        assertThat(conf).contains("primary_conninfo").doesNotContain("pl\\ica");
        String arguments =
                Files.readString(
                        java.nio.file.Path.of(
                                "/proc",
                                String.valueOf(second.instance().process().orElseThrow().pid()),
                                "cmdline"));
        assertThat(arguments).contains("--max_connections=").doesNotContain("re:pl");
    }

    @Test
    @Order(3)
    void waitsForASynchronousStandbyFromTheReturnedPositionOn() throws Exception {
        Lsn position = first.instance().setSynchronousStandbyNames("\"node-2\"", PROBE);
        assertThat(position).isGreaterThan(Lsn.NONE);
        first.instance().probe(PROBE);
        assertThat(first.instance().observe().synchronousStandbyNames()).isEqualTo("\"node-2\"");
        assertThat(first.instance().observe().replication())
                .extracting(
                        Standby::applicationName,
                        Standby::userName,
                        Standby::syncState,
                        Standby::syncPriority)
                .containsExactlyInAnyOrder(
                        tuple("node-2", "replicator", "sync", 1),
                        tuple("node-3", "replicator", "async", 0));
        // A new agent neither forgets the promise nor cuts a standby from its upstream.
        first.restartAgent().applyParameters(Map.of(), List.of(), List.of());
        assertThat(first.sql("SHOW synchronous_standby_names")).isEqualTo("\"node-2\"");
        second.restartAgent().applyParameters(Map.of(), List.of(), List.of());
        assertThat(second.instance().isFollowing(first.asUpstreamOf(second))).isTrue();
        first.instance().setSynchronousStandbyNames("", PROBE);
        assertThat(first.sql("SHOW synchronous_standby_names")).isEmpty();
    }

    @Test
    @Order(4)
    void refusesToCloneIntoADirectoryWithData() {
        assertThatThrownBy(() -> second.instance().cloneFrom(first.asUpstreamOf(second), _ -> {}))
                .isInstanceOf(PostgresException.class)
                .hasMessageContaining("is not empty");
        assertThat(second.instance().observe().data()).isEqualTo(InstanceView.DataState.VALID);
    }

    @Test
    @Order(5)
    void promotesRightAfterThePrimaryDied() throws Exception {
        first.sql("INSERT INTO t VALUES (1)");
        second.instance().probe(PROBE);
        first.instance().kill();
        Duration took = second.instance().promote(Duration.ofSeconds(10));
        assertThat(took).isLessThan(Duration.ofSeconds(3));
        second.sql("INSERT INTO t VALUES (2)");
        InstanceView view = second.instance().observe();
        assertThat(view.isPrimary()).isTrue();
        assertThat(view.timeline()).isEqualTo(2);
        assertThat(view.upstream()).isNull();
    }

    @Test
    @Order(6)
    void followsTheNewPrimaryWithoutARestart() throws Exception {
        long pid = third.instance().process().orElseThrow().pid();
        second.instance().createSlot(third.slot());
        third.instance().follow(second.asUpstreamOf(third));
        awaitStreaming(third);
        await().until(() -> "2".equals(third.sql("SELECT count(*) FROM t")));
        assertThat(third.instance().process().orElseThrow().pid()).isEqualTo(pid);
        third.instance().probe(PROBE);
        assertThat(third.instance().observe().timeline()).isEqualTo(2);
        assertThat(third.instance().isFollowing(second.asUpstreamOf(third))).isTrue();
    }

    @Test
    @Order(7)
    void dropsOnlySlotsThatNobodyUses() throws Exception {
        assertThat(second.instance().dropSlot(third.slot())).isFalse();
        second.instance().createSlot("left_over");
        assertThat(second.instance().dropSlot("left_over")).isTrue();
        assertThat(second.instance().dropSlot("left_over")).isTrue();
    }

    @Test
    @Order(8)
    void advancesASlotForAMemberThatStreamsFromElsewhere() throws Exception {
        second.instance().createSlot("member_elsewhere");
        second.sql("SELECT pg_switch_wal()");
        second.sql("INSERT INTO t VALUES (3)");
        second.instance().probe(PROBE);
        Lsn position = second.instance().observe().flushLsn();
        second.instance().advanceSlot("member_elsewhere", position);
        assertThat(
                        second.sql(
                                "SELECT restart_lsn FROM pg_replication_slots WHERE slot_name ="
                                        + " 'member_elsewhere'"))
                .isEqualTo(position.toString());
    }

    @Test
    @Order(9)
    void stopsWritersBeforeASwitchover() throws Exception {
        try (var client = second.connect();
                var statement = client.createStatement()) {
            second.instance().setReadOnly(true);
            await().until(() -> "on".equals(second.sql("SHOW default_transaction_read_only")));
            second.instance().terminateBackends(PROBE);
            assertThatThrownBy(() -> statement.execute("INSERT INTO t VALUES (4)"))
                    .isInstanceOf(SQLException.class);
        }
        second.instance().setReadOnly(false);
        await().until(() -> "off".equals(second.sql("SHOW default_transaction_read_only")));
    }

    @Test
    @Order(10)
    void takesOverReloadedLocalConfiguration() throws Exception {
        Map<String, String> fromDcs = Map.of("work_mem", "5MB");
        second.instance().applyParameters(fromDcs, List.of(), List.of());
        second.instance()
                .reloadSettings(
                        ReloadedSettingsTest.with(
                                second.settings(),
                                RealPostgres.SUPERUSER,
                                RealPostgres.REPLICATION,
                                Map.of("work_mem", "6MB", "shared_buffers", "16MB", "fsync", "off"),
                                List.of("local all all trust", "host all all all trust"),
                                ""));
        second.instance().applyParameters(fromDcs, List.of(), List.of());
        await().until(() -> "6MB".equals(second.sql("SHOW work_mem")));
        assertThat(second.sql("SELECT count(*) FROM pg_hba_file_rules")).isEqualTo("2");
    }

    @Test
    @Order(11)
    void handsOverAlthoughAStandbyHangs() throws Exception {
        second.sql("INSERT INTO t VALUES (5)");
        Signals.send(third.instance().process().orElseThrow(), Signal.STOP);
        List<ProcessIdentity> receivers =
                ProcessTree.descendants(third.instance().process().orElseThrow().pid());
        for (ProcessIdentity receiver : receivers) {
            Signals.send(receiver, Signal.STOP);
        }
        List<ShutdownPoint> announced = new ArrayList<>();
        StopResult result =
                second.instance().stop(StopMode.FAST, Duration.ofSeconds(60), announced::add);
        assertThat(result.isClean()).isTrue();
        assertThat(result.took()).isLessThan(Duration.ofSeconds(20));
        assertThat(announced)
                .extracting(ShutdownPoint::checkpoint)
                .containsExactly(result.checkpoint());
    }

    private static void awaitStreaming(RealPostgres standby) {
        await().atMost(Duration.ofSeconds(15))
                .until(
                        () ->
                                standby.instance().probe(PROBE).isAnswered()
                                        && standby.instance().observe().streaming());
    }
}
