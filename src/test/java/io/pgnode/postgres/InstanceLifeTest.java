package io.pgnode.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.ControlState;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.model.Lsn;
import io.pgnode.os.Signal;
import io.pgnode.os.Signals;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class InstanceLifeTest {
    private static final Duration PROBE = Duration.ofSeconds(5);

    @Test
    void createsStartsObservesAndStops() throws Exception {
        try (RealPostgres pg = RealPostgres.create("life")) {
            PostgresInstance instance = pg.instance();
            assertThat(instance.observe().data()).isEqualTo(DataState.EMPTY);
            pg.bootstrapAnew();
            assertThat(instance.probe(PROBE)).isEqualTo(new ProbeResult.Answered(false, 1));
            InstanceView view = instance.observe();
            assertThat(view.data()).isEqualTo(DataState.VALID);
            assertThat(view.isPrimary()).isTrue();
            assertThat(view.answers()).isTrue();
            assertThat(view.timeline()).isEqualTo(1);
            assertThat(view.control()).isEqualTo(ControlState.IN_PRODUCTION);
            assertThat(view.flushLsn()).isGreaterThan(Lsn.NONE);
            assertThat(view.serverVersion()).isGreaterThanOrEqualTo(130000);
            assertThat(view.pendingRestart()).isEmpty();
            assertThat(view.freeBytes()).isPositive();
            List<ShutdownPoint> announced = new ArrayList<>();
            StopResult stopped =
                    instance.stop(StopMode.FAST, Duration.ofSeconds(10), announced::add);
            assertThat(stopped.isStopped()).isTrue();
            assertThat(stopped.isClean()).isTrue();
            assertThat(stopped.steps()).containsExactly("fast");
            assertThat(announced).hasSize(1);
            assertThat(announced.getFirst().checkpoint()).isEqualTo(stopped.checkpoint());
            view = instance.observe();
            assertThat(view.process()).isEqualTo(ProcessState.STOPPED);
            assertThat(view.control()).isEqualTo(ControlState.SHUT_DOWN);
            assertThat(view.flushLsn()).isEqualTo(stopped.checkpoint());
        }
    }

    @Test
    void tellsOfAKilledServerThatAnotherAgentStarted() throws Exception {
        try (RealPostgres pg = RealPostgres.create("adopt").bootstrap()) {
            PostgresInstance next = pg.restartAgent();
            CountDownLatch exited = new CountDownLatch(1);
            AtomicLong exitNanos = new AtomicLong();
            next.onExit(
                    () -> {
                        exitNanos.set(System.nanoTime());
                        exited.countDown();
                    });
            assertThat(next.adopt()).isTrue();
            assertThat(next.probe(PROBE).isAnswered()).isTrue();
            assertThat(next.observe().isPrimary()).isTrue();
            long killNanos = System.nanoTime();
            Signals.send(next.process().orElseThrow(), Signal.KILL);
            assertThat(exited.await(5, TimeUnit.SECONDS)).isTrue();
            assertThat(Duration.ofNanos(exitNanos.get() - killNanos)).isLessThan(PROBE);
            assertThat(next.observe().process()).isEqualTo(ProcessState.STOPPED);
            assertThat(next.observe().control()).isEqualTo(ControlState.IN_PRODUCTION);
            pg.startPrimary();
            assertThat(next.probe(PROBE).isAnswered()).isTrue();
        }
    }

    @Test
    void isNotHungByAStoppedPostmaster() throws Exception {
        try (RealPostgres pg = RealPostgres.create("hang").bootstrap()) {
            PostgresInstance next = pg.restartAgent();
            next.adopt();
            Signals.send(next.process().orElseThrow(), Signal.STOP);
            await().until(
                            () ->
                                    next.probe(PROBE)
                                            .equals(
                                                    new ProbeResult.TimedOut(
                                                            "the postmaster is stopped by a"
                                                                    + " signal")));
            long begin = System.nanoTime();
            ProbeResult result =
                    new Prober(() -> SqlTarget.local(pg.settings()), System::nanoTime)
                            .probe(Duration.ofMillis(300));
            assertThat(result).isInstanceOf(ProbeResult.TimedOut.class);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isLessThan(Duration.ofSeconds(3));
            StopResult stopped = next.stop(StopMode.FAST, Duration.ofMillis(200));
            assertThat(stopped.isStopped()).isTrue();
            assertThat(stopped.steps()).containsExactly("fast", "immediate", "kill");
        }
    }

    @Test
    void startsOverAStalePidFileThatNamesAProcessOfOurs() throws Exception {
        Process other = new ProcessBuilder("sleep", "60").start();
        try (RealPostgres pg = RealPostgres.create("stale").bootstrap()) {
            pg.instance().stop(StopMode.FAST, RealPostgres.LIMIT);
            Files.writeString(
                    pg.settings().dataDir().resolve("postmaster.pid"),
                    other.pid()
                            + "\n"
                            + pg.settings().dataDir()
                            + "\n1\n5432\n/tmp\n*\n 1 1\nready   \n");
            PostgresInstance next = pg.restartAgent();
            assertThat(next.adopt()).isFalse();
            pg.startPrimary();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void neverStartsAStandbyAsPrimary() throws Exception {
        try (RealPostgres pg = RealPostgres.create("standby").bootstrap()) {
            pg.instance().stop(StopMode.FAST, RealPostgres.LIMIT);
            pg.startStandbyOf(null);
            pg.instance().kill();
            StartResult result = pg.instance().start(false, null, RealPostgres.LIMIT);
            assertThat(result.toString()).contains("it must start as one and be promoted");
            pg.startStandbyOf(null);
            pg.instance().promote(RealPostgres.LIMIT);
            assertThat(pg.instance().observe().timeline()).isEqualTo(2);
        }
    }

    @Test
    void explainsAStartThatFails() throws Exception {
        try (RealPostgres pg = RealPostgres.create("fail").bootstrap()) {
            pg.instance().stop(StopMode.FAST, RealPostgres.LIMIT);
            Path hba = pg.settings().dataDir().resolve("pg_hba.conf");
            Files.writeString(hba, "local nonsense\n");
            StartResult result = pg.instance().start(false, null, RealPostgres.LIMIT);
            assertThat(result).isInstanceOf(StartResult.Failed.class);
            assertThat(result.toString()).contains("could not load").contains("pg_hba.conf");
        }
    }

    @Test
    void leavesOutParametersThatTheServerRefuses() throws Exception {
        try (RealPostgres pg = RealPostgres.create("params").bootstrap()) {
            PostgresInstance instance = pg.instance();
            boolean changed =
                    instance.applyParameters(
                            Map.of(
                                    "shared_buffers_typo", "1",
                                    "work_mem", "much",
                                    "max_connections", "999999999",
                                    "log_min_duration_statement", "1234",
                                    "wal_buffers", "2MB",
                                    "max_worker_processes", "12"),
                            List.of(),
                            List.of());
            assertThat(changed).isTrue();
            assertThat(instance.refusedParameters())
                    .containsOnlyKeys("shared_buffers_typo", "work_mem", "max_connections");
            await().until(() -> "1234ms".equals(pg.sql("SHOW log_min_duration_statement")));
            await().until(
                            () -> {
                                instance.probe(PROBE);
                                return instance.observe().pendingRestart().size() == 2;
                            });
            assertThat(instance.observe().pendingRestart())
                    .containsEntry("max_worker_processes", "8 -> 12")
                    .containsKey("wal_buffers");
            instance.stop(StopMode.FAST, RealPostgres.LIMIT);
            pg.startPrimary();
            instance.probe(PROBE);
            assertThat(instance.observe().pendingRestart()).isEmpty();
            assertThat(pg.sql("SHOW max_worker_processes")).isEqualTo("12");
        }
    }

    @Test
    void tellsWrongPasswordFromDown() throws Exception {
        try (RealPostgres pg = RealPostgres.create("password").bootstrap()) {
            Files.writeString(
                    pg.settings().dataDir().resolve("pg_hba.conf"),
                    "local all all scram-sha-256\n");
            pg.sql("ALTER ROLE postgres PASSWORD 'another'");
            pg.instance().reload();
            PostgresInstance next = pg.restartAgent();
            await().until(() -> next.probe(PROBE) instanceof ProbeResult.Refused);
            assertThat(next.probe(PROBE).toString())
                    .contains("password authentication failed")
                    .doesNotContain(RealPostgres.SUPERUSER.password());
            next.kill();
            assertThat(next.probe(PROBE)).isInstanceOf(ProbeResult.Unreachable.class);
        }
    }
}
