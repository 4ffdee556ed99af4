package io.pgnode.feed;

/**
 * How far a hold is.
 *
 * @param isHeld no transaction begins
 * @param open transactions that began before and go on; sessions count that cannot be held
 * @param waiting clients that wait
 */
public record HoldStatus(boolean isHeld, int open, int waiting) {
    /** Held, and everything that began before has ended. */
    public boolean isDrained() {
        return isHeld && open == 0;
    }
}
