package io.pgnode.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A simulation that finds nothing proves nothing: each of these mistakes must be found. */
class PlantedFaultsTest {
    private SimLog log = SimLog.install();

    @BeforeEach
    void install() {
        log.close();
        log = SimLog.install();
    }

    @AfterEach
    void remove() {
        log.close();
    }

    private static void assertFound(Rules rules, int seeds, String... violations) {
        for (long seed = 1; seed <= seeds; seed++) {
            String violation = Simulation.run(seed, rules).violation();
            if (violation != null) {
                assertThat(violations)
                        .as("seed %d: %s", seed, violation)
                        .anyMatch(violation::contains);
                return;
            }
        }
        fail("not found in " + seeds + " seeds");
    }

    @Test
    void findsALeaseThatCountsFromTheReply() {
        assertFound(
                PlantedFaults.leaseCountsFromTheReply(),
                500,
                "leads",
                "two members",
                "deadline",
                "drops slot");
    }

    @Test
    void findsASyncKeyWrittenBeforePostgresWaits() {
        assertFound(PlantedFaults.keyBeforeNames(), 20, "the sync key names");
    }

    @Test
    void findsThatAnyStandbyMayRun() {
        assertFound(PlantedFaults.anyStandbyMayRun(), 200, "became primary without");
    }

    @Test
    void findsAMissingWakeUpAtTheDeadline() {
        assertFound(PlantedFaults.noWakeUpAtTheDeadline(), 50, "leads", "two members", "deadline");
    }

    @Test
    void findsAStalledAgentWithoutAGuard() {
        assertFound(PlantedFaults.noGuard(), 50, "leads", "two members", "deadline");
    }

    @Test
    void findsLeaderWritesThatCompareNothing() {
        assertFound(PlantedFaults.noFencingOfWrites(), 200, "although it does not lead");
    }

    @Test
    void findsTwoTimelinesOfOneNumber() {
        assertFound(PlantedFaults.claimsAreIgnored(), 500, "that the primary never wrote");
    }

    @Test
    void findsAPauseThatNobodyWasToldOf() {
        assertFound(PlantedFaults.pausesAreNotTold(), 200, "leads", "two members", "deadline");
    }

    @Test
    void findsAForgottenPromise() {
        assertFound(PlantedFaults.forgottenPromises(), 200, "leads", "two members");
    }

    @Test
    void findsABrokenPromise() {
        assertFound(PlantedFaults.brokenPromises(), 200, "leads", "two members");
    }
}
