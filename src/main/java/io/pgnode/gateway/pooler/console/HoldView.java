package io.pgnode.gateway.pooler.console;

import io.pgnode.gateway.pooler.core.HoldState;
import java.util.List;

/**
 * How far the holds of one scope are.
 *
 * @param scope {@code primary} or {@code local}
 * @param owners who holds
 * @param open transactions that began before
 * @param waiting clients that wait
 * @param leftMillis until the last hold ends by its limit; -1 for never, or when nobody holds
 */
public record HoldView(
        String scope,
        HoldState state,
        List<String> owners,
        int open,
        int waiting,
        long leftMillis) {}
