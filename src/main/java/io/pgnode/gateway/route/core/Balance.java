package io.pgnode.gateway.route.core;

import java.util.Arrays;
import java.util.Optional;

/** How sessions are spread over the usable servers of a service, in HAProxy's words. */
public enum Balance {
    /** In turn, by weight. */
    ROUND_ROBIN("roundrobin"),
    /** The server with the fewest sessions for its weight: right for long sessions. */
    LEAST_CONN("leastconn"),
    /** The first server with a free place. */
    FIRST("first"),
    /** The less loaded of two drawn by weight. */
    RANDOM("random"),
    /** Always the same server for a client address, while the usable servers do not change. */
    SOURCE("source");

    private final String text;

    Balance(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    public static Optional<Balance> parse(String text) {
        return Arrays.stream(values()).filter(value -> value.text.equals(text)).findFirst();
    }
}
