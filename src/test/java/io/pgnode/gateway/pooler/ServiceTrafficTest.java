package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.gateway.pooler.ServiceTraffic.Sum;
import org.junit.jupiter.api.Test;

class ServiceTrafficTest {
    private final ServiceTraffic traffic = new ServiceTraffic(2);

    @Test
    void readersCountForTheirMembers() {
        traffic.of("a", 0).received += 3;
        traffic.of("a", 1).sent += 4;
        traffic.of("b", 1).received += 5;

        assertThat(traffic.of("a")).isEqualTo(new Sum(3, 4));
        assertThat(traffic.of("b")).isEqualTo(new Sum(5, 0));
        assertThat(traffic.of("c")).isEqualTo(Sum.ZERO);
        assertThat(traffic.all()).isEqualTo(new Sum(8, 4));
    }

    @Test
    void whatPassedUnderAPrimaryStaysItsOwn() {
        Entrance.Traffic client = traffic.following(0);
        client.received += 1;
        traffic.moveTo("a");
        client.received += 9;
        traffic.moveTo("");
        client.received += 2;
        traffic.moveTo("b");
        client.received += 20;

        assertThat(traffic.of("a")).isEqualTo(new Sum(12, 0));
        assertThat(traffic.of("b")).isEqualTo(new Sum(20, 0));
        traffic.moveTo("a");
        client.received += 100;
        assertThat(traffic.of("a")).isEqualTo(new Sum(112, 0));
        assertThat(traffic.of("b")).isEqualTo(new Sum(20, 0));
        assertThat(traffic.all()).isEqualTo(new Sum(132, 0));
    }

    @Test
    void clearedIsZero() {
        traffic.moveTo("a");
        traffic.following(1).sent += 7;
        traffic.moveTo("b");
        traffic.following(1).sent += 8;

        traffic.clear();

        assertThat(traffic.of("a")).isEqualTo(Sum.ZERO);
        assertThat(traffic.of("b")).isEqualTo(Sum.ZERO);
        assertThat(traffic.all()).isEqualTo(Sum.ZERO);
        traffic.following(1).sent += 1;
        assertThat(traffic.of("b")).isEqualTo(new Sum(0, 1));
    }
}
