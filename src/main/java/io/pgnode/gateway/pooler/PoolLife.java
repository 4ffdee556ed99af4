package io.pgnode.gateway.pooler;

import java.time.Duration;
import java.util.function.Predicate;

/**
 * How long a pool is remembered that has neither clients nor servers, with its statistics. Zero
 * stands for ever.
 *
 * @param idle any pool
 * @param undeclared a pool of a database that only a template stands for
 * @param isUndeclared tells such databases by their names
 */
record PoolLife(Duration idle, Duration undeclared, Predicate<String> isUndeclared) {
    static final PoolLife ENDLESS = new PoolLife(Duration.ZERO, Duration.ZERO, _ -> false);

    /** For a pool of this database; zero for ever. */
    Duration of(String database) {
        if (!isUndeclared.test(database) || undeclared.isZero()) {
            return idle;
        }
        return idle.isZero() || undeclared.compareTo(idle) < 0 ? undeclared : idle;
    }
}
