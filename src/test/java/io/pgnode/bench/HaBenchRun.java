package io.pgnode.bench;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Starts {@link HaBench} where the class path is: {@code -Dtest=HaBenchRun
 * -Dbench.args="--runs=3"}.
 */
@Tag("bench")
class HaBenchRun {
    @Test
    void printsTheTable() throws Exception {
        String arguments = System.getProperty("bench.args", "");
        HaBench.run(Arrays.stream(arguments.split(" ", -1)).filter(a -> !a.isEmpty()).toList());
    }
}
