package io.pgnode.sim;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One run: a random cluster, a time of faults, a time to recover. */
final class Simulation {
    private static final long SECOND = 1_000_000_000L;

    /**
     * Longest time from the last fault to a settled cluster: a lease, timeouts, a copy, retries.
     */
    private static final int RECOVERY_SECONDS = 90;

    /** It must stay settled for this long. */
    private static final int QUIET_SECONDS = 8;

    /**
     * What came out.
     *
     * @param violation null when every invariant held and the cluster recovered
     */
    record Result(
            long seed,
            @Nullable String violation,
            long commits,
            long guaranteedCommits,
            int promotions,
            long events,
            long traceHash,
            List<String> report) {
        void orThrow() {
            if (violation != null) {
                throw new AssertionError(String.join("\n", report));
            }
        }
    }

    private Simulation() {}

    static Result run(long seed, Rules rules) {
        return run(seed, rules, 75);
    }

    static Result run(long seed, Rules rules, int faultSeconds) {
        World world = new World(seed);
        SimSetup setup = SimSetup.random(world.chance("setup"));
        SimCluster cluster = new SimCluster(world, setup, rules);
        Faults faults = new Faults(cluster);
        world.trace("setup " + setup);
        faults.start();
        world.runFor(faultSeconds * SECOND);
        faults.end();
        world.runFor(world.chance("faults").nextInt(3) * SECOND);
        world.trace("everything is mended from here on");
        faults.healAll();
        recover(world, cluster);
        return result(world, cluster);
    }

    private static void recover(World world, SimCluster cluster) {
        int settledFor = 0;
        String problem = "";
        for (int second = 0; second < RECOVERY_SECONDS || settledFor > 0; second++) {
            world.runFor(SECOND);
            if (world.violation() != null) {
                return;
            }
            problem = cluster.unsettled();
            settledFor = problem.isEmpty() ? settledFor + 1 : 0;
            if (settledFor >= QUIET_SECONDS) {
                cluster.checker().settled();
                return;
            }
        }
        world.violated("did not recover within " + RECOVERY_SECONDS + " s: " + problem);
    }

    private static Result result(World world, SimCluster cluster) {
        List<String> report = new ArrayList<>();
        String violation = world.violation();
        if (violation != null) {
            report.add(
                    "simulation failed: %s (seed %d, at %.3f s)"
                            .formatted(violation, world.seed(), world.seconds()));
            report.add(
                    "HINT: run again with -Dtest=SimulationTest -Dsim.seed="
                            + world.seed()
                            + " (more lines: -Dsim.trace=1000)");
            report.addAll(world.lastLines());
            report.addAll(cluster.describe());
        }
        Ledger ledger = cluster.checker().ledger();
        return new Result(
                world.seed(),
                violation,
                ledger.count(),
                ledger.guaranteedCount(),
                cluster.checker().promotions(),
                world.eventCount(),
                world.traceHash(),
                report);
    }
}
