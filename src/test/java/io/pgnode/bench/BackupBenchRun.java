package io.pgnode.bench;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Starts {@link BackupBench} where the class path is. */
@Tag("bench")
class BackupBenchRun {
    @Test
    void printsTheTable() throws Exception {
        BackupBench.run(BackupBench.words(System.getProperty("bench.args", "")));
    }
}
