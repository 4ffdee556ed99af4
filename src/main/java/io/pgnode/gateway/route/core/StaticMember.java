package io.pgnode.gateway.route.core;

import io.pgnode.model.HostPort;

/**
 * A member of a gateway's own list.
 *
 * @param postgres where its PostgreSQL listens
 * @param rest where its REST API listens
 */
public record StaticMember(String name, HostPort postgres, HostPort rest, MemberTraits traits) {}
