package io.pgnode.feed;

import java.time.Duration;

/** A line from the agent or an operator to the gateway. */
sealed interface HoldCall {
    record Hold(HoldRequest request) implements HoldCall {}

    record Drained(HoldScope scope, Duration limit) implements HoldCall {}

    record Release(String owner, HoldScope scope) implements HoldCall {}

    record Status(HoldScope scope) implements HoldCall {}

    /** The gateway reads its configuration again. */
    record Reload() implements HoldCall {}
}
