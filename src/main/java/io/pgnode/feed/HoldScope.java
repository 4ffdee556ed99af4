package io.pgnode.feed;

/** Whose transactions a hold keeps from beginning. */
public enum HoldScope {
    /** All that go to the primary, wherever it is: for a change of the leader. */
    PRIMARY,

    /** All that go to the PostgreSQL of this node: for its stop or restart. */
    LOCAL
}
