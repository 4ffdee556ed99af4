package io.pgnode.feed;

import java.time.Duration;

/**
 * Asks a gateway to let no further transaction begin; clients wait instead, and new logins succeed.
 *
 * @param owner who holds, such as {@code switchover} or {@code operator}: several may at a time,
 *     and the clients go on when the last of them is over; a second request of one owner replaces
 *     its first
 * @param epoch a hold of {@link HoldScope#PRIMARY} ends by itself as soon as a primary of a higher
 *     epoch is known; {@link Long#MAX_VALUE} for one that does not
 * @param limit it ends by itself after so long, whatever happens
 */
public record HoldRequest(String owner, HoldScope scope, long epoch, Duration limit) {}
