package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code src/test/drivers/node-postgres.js}, where node-postgres was installed. */
class NodePostgresTest {
    private static final Path MODULES = Path.of("target/drivers/node_modules");

    @Test
    void nodePostgresDoesWhatItDoesAtAServer() throws Exception {
        assumeTrue(Files.isDirectory(MODULES.resolve("pg")), "node-postgres is not installed here");
        try (PoolerRig transactions = PoolerRig.start("pool_size=5", "pool_mode = transaction\n");
                PoolerRig sessions = transactions.another("pool_size=5", "pool_mode = session\n")) {
            Map<String, String> environment =
                    new HashMap<>(Programs.environment(transactions.port(), "disable"));
            environment.put("SESSION_PORT", Integer.toString(sessions.port()));
            environment.put("NODE_PATH", MODULES.toAbsolutePath().toString());

            String output =
                    Programs.run(
                            environment, "", List.of("node", "src/test/drivers/node-postgres.js"));

            assertThat(output.lines().filter(line -> line.startsWith("ok ")).count())
                    .as(output)
                    .isEqualTo(12);
        }
    }
}
