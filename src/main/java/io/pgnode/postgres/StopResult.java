package io.pgnode.postgres;

import io.pgnode.model.Lsn;
import java.time.Duration;
import java.util.List;

/**
 * How a stop went.
 *
 * @param isStopped nothing of the server is left
 * @param steps what was done, in order: {@code fast}, {@code immediate}, {@code kill}
 * @param isClean pg_control says that it was shut down in an orderly way
 * @param checkpoint location of the shutdown checkpoint when clean
 */
public record StopResult(
        boolean isStopped, List<String> steps, boolean isClean, Lsn checkpoint, Duration took) {
    public StopResult {
        steps = List.copyOf(steps);
    }
}
