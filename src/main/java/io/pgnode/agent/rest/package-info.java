/**
 * The REST API, with Patroni's paths, codes and JSON fields, and a client for other members' APIs.
 *
 * <p>Reading order: {@link io.pgnode.agent.rest.RestServer} accepts a request and asks {@code
 * AccessControl} whether it may be served. Safe methods go to {@code SafeRoutes}, which answers
 * from the agent's snapshot alone: {@code NodeStatus} derives the facts, {@code HealthCheck} the
 * status code, {@code PatroniJson} and {@code PatroniMetrics} the body. Unsafe methods go to {@code
 * UnsafeRoutes}, which reads the body and asks {@link io.pgnode.agent.Operations}.
 *
 * <p>{@link io.pgnode.agent.rest.PeerClient} is the other side: status of peers before a leader
 * race, and the command line's requests.
 *
 * <p>Everything but the server and the client is pure: text and snapshot in, value out.
 */
@NullMarked
package io.pgnode.agent.rest;

import org.jspecify.annotations.NullMarked;
