package io.pgnode.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
    private static final long LIMIT = 75;

    private final List<String> closed = new ArrayList<>();
    private final Connections<String> connections = new Connections<>(this::close);

    private void close(String connection) {
        closed.add(connection);
        connections.closed(connection);
    }

    @Test
    void closesWhatIsIdleForTooLong() {
        connections.opened("silent", 0);
        connections.opened("checked", 0);
        connections.requestStarted("checked");
        connections.requestEnded("checked", 50);
        connections.closeIdle(75, LIMIT);
        assertThat(closed).isEmpty();
        connections.closeIdle(76, LIMIT);
        assertThat(closed).containsExactly("silent");
        connections.closeIdle(126, LIMIT);
        assertThat(closed).containsExactly("silent", "checked");
        assertThat(connections.size()).isZero();
    }

    @Test
    void leavesALongRequestAlone() {
        connections.opened("restart", 0);
        connections.requestStarted("restart");
        connections.requestStarted("restart"); // pipelined
        connections.requestEnded("restart", 10);
        connections.closeIdle(1000, LIMIT);
        assertThat(closed).isEmpty();
        connections.requestEnded("restart", 1000);
        connections.closeIdle(1076, LIMIT);
        assertThat(closed).containsExactly("restart");
    }

    @Test
    void refusesMoreThanItsLimit() {
        for (int i = 0; i < Connections.MAX_OPEN; i++) {
            assertThat(connections.opened("c" + i, 0)).isTrue();
        }
        assertThat(connections.opened("one more", 0)).isFalse();
        connections.closed("c0");
        assertThat(connections.opened("one more", 0)).isTrue();
    }

    @Test
    void forgetsRequestsOfConnectionsThatAreGone() {
        connections.requestStarted("gone");
        connections.requestEnded("gone", 0);
        assertThat(connections.size()).isZero();
    }
}
