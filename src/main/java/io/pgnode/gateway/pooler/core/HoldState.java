package io.pgnode.gateway.pooler.core;

/** How far a hold is, from before it to after it. */
public enum HoldState {
    /** Transactions begin as ever. */
    OPEN,
    /** None begins any more, and some that began before go on. */
    DRAINING,
    /** Nothing is open; clients wait. */
    HOLDING,
    /** The hold is over, and clients that waited during it are being served. */
    RESUMING;

    public static HoldState of(boolean isHeld, int open, boolean isResuming) {
        if (isHeld) {
            return open > 0 ? DRAINING : HOLDING;
        }
        return isResuming ? RESUMING : OPEN;
    }
}
