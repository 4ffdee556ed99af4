package io.pgnode.gateway.pooler.core;

/**
 * Why a pool gives out no servers for the time being. Several may be in force at a time.
 *
 * @param owner who holds; one owner has one hold of a pool
 * @param closesIdle whether servers that nobody uses are closed meanwhile
 * @param until nanoseconds of the pools' clock; {@link #NO_LIMIT} for as long as its owner wants
 * @param refusesAfter when its limit passes, clients are refused until it is resumed; otherwise it
 *     ends then
 */
public record Hold(String owner, boolean closesIdle, long until, boolean refusesAfter) {
    public static final long NO_LIMIT = Long.MAX_VALUE;

    /** An operator's pause: nothing ends it but he, and what is idle is his business. */
    public static Hold pause(String owner) {
        return new Hold(owner, false, NO_LIMIT, false);
    }

    /** Whether its limit has passed. */
    public boolean isOver(long now) {
        return until != NO_LIMIT && now - until >= 0;
    }
}
