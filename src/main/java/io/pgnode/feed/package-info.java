/**
 * What the processes of one node tell each other: the agent its view of the cluster ({@code
 * agent.sock}), the gateway how it holds clients back ({@code gateway.sock}). Both are unix sockets
 * in the run directory, mode 0600, that carry one JSON object a line.
 *
 * <p>{@link io.pgnode.feed.FeedServer} and {@link io.pgnode.feed.FeedClient} are the two ends of
 * the first, {@link io.pgnode.feed.HoldServer} and {@link io.pgnode.feed.HoldClient} of the second.
 */
@NullMarked
package io.pgnode.feed;

import org.jspecify.annotations.NullMarked;
