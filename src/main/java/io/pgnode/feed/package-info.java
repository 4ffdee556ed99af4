/**
 * What the processes of one node tell each other: the agent its view of the cluster ({@code
 * agent.sock}), the gateway how it holds clients back ({@code gateway.sock}). Both are unix sockets
 * in the run directory, mode 0600, that carry one JSON object a line.
 */
@NullMarked
package io.pgnode.feed;

import org.jspecify.annotations.NullMarked;
