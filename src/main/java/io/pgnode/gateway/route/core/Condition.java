package io.pgnode.gateway.route.core;

/** What is known about a server of a service. */
public enum Condition {
    UP,
    /**
     * It was up and nothing has been heard since. Its sessions go on, and new ones go there only
     * when nobody else is up: a dead REST API is not a dead PostgreSQL.
     */
    DOUBTFUL,
    /** It does not have the role, or does not run. */
    DOWN
}
