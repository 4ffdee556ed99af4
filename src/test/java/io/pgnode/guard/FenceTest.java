package io.pgnode.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.ProcessTree;
import io.pgnode.os.RunningCommand;
import io.pgnode.os.Signal;
import io.pgnode.os.Signals;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real PostgreSQL under load. */
class FenceTest {
    /** An idle machine takes 60 to 110 ms, plus the grace time; this one may be very busy. */
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private static final int CLIENTS = 8;

    @TempDir static Path directory;
    private static ScratchPostgres postgres;
    private RunningCommand load;
    private FenceTarget target;

    @BeforeAll
    static void create() throws Exception {
        postgres = new ScratchPostgres(directory);
    }

    @AfterAll
    static void remove() {
        postgres.close();
    }

    @BeforeEach
    void start() throws Exception {
        postgres.start();
        load = postgres.load(CLIENTS);
        target = FenceTarget.of(postgres.postmaster());
        assertThat(Fence.isGone(target)).isFalse();
    }

    @AfterEach
    void stop() {
        load.cancel();
        Fence.kill(target, Duration.ZERO);
    }

    @Test
    void aRunningInstanceQuits() {
        FenceReport report = Fence.kill(target, Duration.ofSeconds(10));

        assertThat(report.how()).isEqualTo(FenceReport.How.QUIT);
        assertThatNothingIsLeft(report);
    }

    @Test
    void aStoppedPostmasterIsKilledWithItsBackends() throws Exception {
        Signals.send(postgres.postmaster(), Signal.STOP);

        FenceReport report = Fence.kill(target, Fence.DEFAULT_GRACE);

        assertThat(report.how()).isEqualTo(FenceReport.How.KILLED);
        assertThatNothingIsLeft(report);
    }

    @Test
    void aStoppedBackendIsKilledAfterTheGraceTime() throws Exception {
        List<ProcessIdentity> children = ProcessTree.descendants(postgres.postmaster().pid());
        Signals.send(children.getLast(), Signal.STOP);

        FenceReport report = Fence.kill(target, Fence.DEFAULT_GRACE);

        assertThat(report.how()).isEqualTo(FenceReport.How.KILLED);
        assertThat(report.took()).isGreaterThan(Fence.DEFAULT_GRACE);
        assertThatNothingIsLeft(report);
    }

    @Test
    void orphansOfADeadPostmasterAreKilled() throws Exception {
        // Stopped backends cannot notice that the postmaster is gone.
        for (ProcessIdentity child : ProcessTree.descendants(postgres.postmaster().pid())) {
            Signals.send(child, Signal.STOP);
        }
        Signals.send(postgres.postmaster(), Signal.KILL);
        assertThat(Fence.isGone(target)).isFalse();

        FenceReport report = Fence.kill(target, Fence.DEFAULT_GRACE);

        assertThat(report.how()).isEqualTo(FenceReport.How.KILLED);
        assertThatNothingIsLeft(report);
    }

    @Test
    void aNewPostmasterOfTheSameDataDirectoryIsKilledToo() throws Exception {
        Fence.kill(target, Fence.DEFAULT_GRACE);
        postgres.start();

        FenceReport report = Fence.kill(target, Fence.DEFAULT_GRACE);

        assertThat(report.how()).isEqualTo(FenceReport.How.KILLED);
        assertThatNothingIsLeft(report);
    }

    @Test
    void aGoneInstanceNeedsNothing() {
        Fence.kill(target, Fence.DEFAULT_GRACE);

        assertThat(Fence.kill(target, Fence.DEFAULT_GRACE).how()).isEqualTo(FenceReport.How.GONE);
    }

    private void assertThatNothingIsLeft(FenceReport report) {
        assertThat(report.survivors()).isEmpty();
        assertThat(postgres.processes()).isEmpty();
        assertThat(report.took()).isLessThan(LIMIT);
        assertThat(Fence.isGone(target)).isTrue();
    }
}
