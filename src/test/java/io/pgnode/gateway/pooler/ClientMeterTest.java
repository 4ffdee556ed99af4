package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.gateway.pooler.core.PoolCounters;
import io.pgnode.wire.FrontendTag;
import org.junit.jupiter.api.Test;

class ClientMeterTest {
    private static final long MILLI = 1_000_000;

    private final PoolCounters counters = new PoolCounters();
    private long now = 100 * MILLI;
    private int looks;
    private final ClientMeter meter =
            new ClientMeter(
                    1,
                    "joe",
                    counters,
                    new Entrance.Traffic(),
                    () -> {
                        looks++;
                        return now;
                    });

    @Test
    void aQueryWithAFreeServerCostsTwoLooksAtTheClock() {
        meter.message(FrontendTag.PARSE);
        meter.message(FrontendTag.SYNC);
        meter.linked(false);
        now += 3 * MILLI;
        meter.ready('I');
        assertThat(looks).isEqualTo(2);
        assertThat(counters.queries).isEqualTo(1);
        assertThat(counters.transactions).isEqualTo(1);
        assertThat(counters.assignments).isEqualTo(1);
        assertThat(counters.queryNanos).isEqualTo(3 * MILLI);
        assertThat(counters.transactionNanos).isEqualTo(3 * MILLI);
        assertThat(counters.waitNanos).isZero();
        assertThat(counters.server.sumNanos()).isEqualTo(3 * MILLI);
        assertThat(counters.queue.count()).isEqualTo(1);
        assertThat(counters.queue.sumNanos()).isZero();
    }

    @Test
    void waitingIsNoPartOfTheQuery() {
        meter.message(FrontendTag.QUERY);
        meter.waits(false);
        now += 5 * MILLI;
        meter.linked(false);
        now += 2 * MILLI;
        meter.ready('I');
        assertThat(counters.waitNanos).isEqualTo(5 * MILLI);
        assertThat(counters.queryNanos).isEqualTo(2 * MILLI);
        assertThat(counters.transactionNanos).isEqualTo(2 * MILLI);
        assertThat(counters.queue.sumNanos()).isEqualTo(5 * MILLI);
        assertThat(counters.server.sumNanos()).isEqualTo(2 * MILLI);
    }

    @Test
    void aTransactionLastsFromItsFirstQueryToItsLast() {
        meter.message(FrontendTag.QUERY);
        meter.linked(false);
        now += MILLI;
        meter.ready('T');
        now += 10 * MILLI;
        meter.message(FrontendTag.QUERY);
        now += MILLI;
        meter.ready('I');
        assertThat(counters.transactions).isEqualTo(1);
        assertThat(counters.queries).isEqualTo(2);
        assertThat(counters.transactionNanos).isEqualTo(12 * MILLI);
        assertThat(counters.queryNanos).isEqualTo(2 * MILLI);
    }

    @Test
    void movesSettingsAndSlowReadersAreToldFromTheServersWork() {
        meter.message(FrontendTag.QUERY);
        meter.waits(true);
        now += MILLI;
        meter.linked(true);
        now += 2 * MILLI;
        meter.settled();
        now += 4 * MILLI;
        meter.writable(false);
        now += 8 * MILLI;
        meter.writable(true);
        now += 16 * MILLI;
        meter.ready('I');
        assertThat(counters.link.sumNanos()).isEqualTo(3 * MILLI);
        assertThat(counters.write.sumNanos()).isEqualTo(8 * MILLI);
        assertThat(counters.server.sumNanos()).isEqualTo(20 * MILLI);
        assertThat(counters.queue.sumNanos()).isZero();
    }

    @Test
    void copyDataAndRepliesNobodyAskedForCountNothing() {
        meter.message(FrontendTag.COPY_DATA);
        meter.ready('I');
        assertThat(counters.queries).isZero();
        assertThat(looks).isZero();
    }

    @Test
    void aClientIsCountedWhileItIsLoggedIn() {
        meter.left();
        meter.loggedIn();
        assertThat(counters.clients).isEqualTo(1);
        meter.left();
        meter.left();
        assertThat(counters.clients).isZero();
        assertThat(counters.logins).isEqualTo(1);
    }
}
