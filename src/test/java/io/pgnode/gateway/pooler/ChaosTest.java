package io.pgnode.gateway.pooler;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Some seconds of what {@link ChaosSoakTest} does for a minute. */
class ChaosTest {
    static final String OPTIONS =
            "pool_mode = transaction\nmax_client_conn = 1000\nlog_connections = 0\n"
                    + "log_disconnections = 0\nlog_pooler_errors = 0\nmax_prepared_statements = 20\n";

    @Test
    void killedServersAndClientsCostNobodyElseAnything() throws Exception {
        try (PoolerRig rig = PoolerRig.start("pool_size=6", OPTIONS)) {
            new ChaosRun(rig, Duration.ofSeconds(7), Long.getLong("chaos.seed", 20261120)).run();
        }
    }
}
