package io.pgnode.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random runs of whole clusters. {@code -Dsim.seed=N} runs one, {@code -Dsim.first=N} and {@code
 * -Dsim.seeds=N} choose the range, {@code -Dsim.trace=N} the lines that a failure prints.
 */
class SimulationTest {
    private static final int RUNS = Integer.getInteger("sim.seeds", 500);
    private static final int SOAK_RUNS = Integer.getInteger("sim.seeds", 20_000);

    private static SimLog log = SimLog.install();

    @BeforeAll
    static void install() {
        log.close();
        log = SimLog.install();
    }

    @AfterAll
    static void remove() {
        log.close();
    }

    @Test
    void everyInvariantHoldsInRandomRuns() throws InterruptedException {
        Long only = Long.getLong("sim.seed");
        if (only != null) {
            Simulation.run(only, Rules.REAL).orThrow();
            return;
        }
        runs(Long.getLong("sim.first", 1), RUNS);
    }

    /** Beyond the seeds of every day: each of these once broke an invariant. */
    @Test
    void whatRandomRunsFoundIsNotFoundAgain() {
        // A leader that comes back names a standby by a view of the names before.
        Simulation.run(6016, Rules.REAL).orThrow();
        // Who goes on without a DCS knows a longer ttl than those who let it.
        Simulation.run(8189, Rules.REAL).orThrow();
        // A member comes and goes while the next leader is cut from the DCS.
        Simulation.run(8750, Rules.REAL).orThrow();
        // Failsafe mode is switched off, and who promised to keep still starts again.
        Simulation.run(10449, Rules.REAL).orThrow();
        // Who promised a leader without a DCS to keep still starts again, and knows a shorter ttl.
        Simulation.run(63, Rules.REAL).orThrow();
        assertThat(Simulation.run(63, PlantedFaults.forgottenPromises()).violation())
                .contains("accepts writes while");
        // Failsafe mode is switched off, and a leader goes on that need not ask everybody.
        Simulation.run(2198, Rules.REAL).orThrow();
        // A pause ends while the primary's agent, which has no lease, is just starting again.
        Simulation.run(13052, Rules.REAL).orThrow();
    }

    @Tag("soak")
    @Test
    void everyInvariantHoldsInManyRandomRuns() throws InterruptedException {
        runs(Long.getLong("sim.first", 1_000_000), SOAK_RUNS);
    }

    private static void runs(long first, int count) throws InterruptedException {
        List<Simulation.Result> results = new ArrayList<>();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(
                        Math.min(8, Runtime.getRuntime().availableProcessors()))) {
            List<Future<Simulation.Result>> futures = new ArrayList<>();
            for (long seed = first; seed < first + count; seed++) {
                long mine = seed;
                futures.add(threads.submit(() -> Simulation.run(mine, Rules.REAL)));
            }
            for (Future<Simulation.Result> future : futures) {
                try {
                    Simulation.Result result = future.get();
                    results.add(result);
                    result.orThrow();
                } catch (ExecutionException e) {
                    threads.shutdownNow();
                    throw new AssertionError(e.getCause());
                } catch (AssertionError e) {
                    threads.shutdownNow();
                    throw e;
                }
            }
        }
        // The runs must have been about something.
        assertThat(results.stream().mapToLong(Simulation.Result::promotions).sum())
                .isGreaterThan(3L * count);
        assertThat(results.stream().mapToLong(Simulation.Result::guaranteedCommits).sum())
                .isGreaterThan(100L * count);
    }

    @Test
    void theSameSeedGivesTheSameTrace() {
        for (long seed = 7; seed < 12; seed++) {
            Simulation.Result once = Simulation.run(seed, Rules.REAL);
            Simulation.Result again = Simulation.run(seed, Rules.REAL);

            assertThat(again.traceHash()).isEqualTo(once.traceHash());
            assertThat(again.events()).isEqualTo(once.events());
        }
    }
}
