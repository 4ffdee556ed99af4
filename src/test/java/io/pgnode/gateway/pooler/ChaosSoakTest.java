package io.pgnode.gateway.pooler;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A minute of chaos, each time another one. */
@Tag("soak")
class ChaosSoakTest {
    @Test
    void killedServersAndClientsCostNobodyElseAnything() throws Exception {
        long seed = Long.getLong("chaos.seed", System.nanoTime());
        try (PoolerRig rig = PoolerRig.start("pool_size=6", ChaosTest.OPTIONS)) {
            new ChaosRun(rig, Duration.ofSeconds(60), seed).run();
        }
    }
}
