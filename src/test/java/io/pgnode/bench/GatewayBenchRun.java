package io.pgnode.bench;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Starts {@link GatewayBench} where the class path is. */
@Tag("bench")
class GatewayBenchRun {
    @Test
    void printsTheTable() throws Exception {
        String arguments = System.getProperty("bench.args", "");
        GatewayBench.run(
                Arrays.stream(arguments.split(" ", -1)).filter(a -> !a.isEmpty()).toList());
    }
}
