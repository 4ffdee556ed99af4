package io.pgnode.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.Standby;
import io.pgnode.model.Lsn;
import io.pgnode.postgres.core.BackupProgress;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
                .filteredOn(standby -> standby.applicationName().equals("node-2"))
                .extracting(Standby::syncState)
                .containsExactly("sync");
        // A new agent neither forgets the promise nor cuts a standby from its upstream.
        first.restartAgent().applyParameters(java.util.Map.of(), List.of(), List.of());
        assertThat(first.sql("SHOW synchronous_standby_names")).isEqualTo("\"node-2\"");
        second.restartAgent().applyParameters(java.util.Map.of(), List.of(), List.of());
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

    private static void awaitStreaming(RealPostgres standby) {
        await().atMost(Duration.ofSeconds(15))
                .until(
                        () ->
                                standby.instance().probe(PROBE).isAnswered()
                                        && standby.instance().observe().streaming());
    }
}
