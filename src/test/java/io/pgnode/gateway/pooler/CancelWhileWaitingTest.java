package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.feed.HoldScope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cancel request for a client whose request has not left the pooler. */
class CancelWhileWaitingTest {
    private static PoolerRig rig;

    private RawClient holder;
    private RawClient waiter;

    @BeforeAll
    static void start() throws Exception {
        rig = PoolerRig.start("pool_size=1", "pool_mode = transaction");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @BeforeEach
    void occupyTheOnlyServer() throws Exception {
        holder = new RawClient(rig.port());
        waiter = new RawClient(rig.port());
        holder.login("somebody", "postgres");
        waiter.login("somebody", "postgres");
        holder.query("BEGIN");
        holder.expectReady();
    }

    @AfterEach
    void leave() throws Exception {
        holder.close();
        waiter.close();
    }

    private static void awaitWaiting(int count) {
        await().until(() -> rig.holds().status(HoldScope.LOCAL).waiting() == count);
    }

    private void freeTheServer() throws Exception {
        holder.query("COMMIT");
        holder.expectReady();
    }

    @Test
    void aSimpleQueryFailsAndTheClientGoesOn() throws Exception {
        waiter.query("SELECT 'unwanted'");
        awaitWaiting(1);

        waiter.cancel();

        assertThat(waiter.expect('E')).contains("57014", "ERROR");
        assertThat(waiter.expect('Z')).isEqualTo("I");
        freeTheServer();
        waiter.query("SELECT 'next'");
        assertThat(waiter.expectReady()).contains("next").doesNotContain("unwanted");
    }

    @Test
    void onlyTheFirstOfSeveralQueriesFails() throws Exception {
        waiter.query("SELECT 'unwanted'");
        waiter.query("SELECT 'second'");
        awaitWaiting(1);

        waiter.cancel();

        assertThat(waiter.expect('E')).contains("57014");
        assertThat(waiter.expect('Z')).isEqualTo("I");
        awaitWaiting(1);
        freeTheServer();
        assertThat(waiter.expectReady()).contains("second");
    }

    @Test
    void anExtendedQueryFailsUpToItsSync() throws Exception {
        waiter.extended("SELECT 'unwanted'");
        waiter.extended("SELECT 'unwanted, too'");
        waiter.sync();
        awaitWaiting(1);

        waiter.cancel();

        assertThat(waiter.expect('E')).contains("57014");
        assertThat(waiter.expect('Z')).isEqualTo("I");
        freeTheServer();
        waiter.extended("SELECT 'next'");
        waiter.sync();
        assertThat(waiter.expectReady()).contains("next").doesNotContain("unwanted");
    }

    @Test
    void aSyncThatComesLaterEndsIt() throws Exception {
        waiter.extended("SELECT 'unwanted'");
        awaitWaiting(1);
        waiter.cancel();
        assertThat(waiter.expect('E')).contains("57014");

        waiter.extended("SELECT 'also dropped'");
        waiter.sync();

        assertThat(waiter.expect('Z')).isEqualTo("I");
        freeTheServer();
        waiter.query("SELECT 'next'");
        assertThat(waiter.expectReady()).contains("next").doesNotContain("dropped");
    }

    @Test
    void theRestOfALongQueryIsDroppedToo() throws Exception {
        String text = "SELECT '" + "x".repeat(300_000) + "'";
        Thread sender =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        waiter.query(text);
                                    } catch (java.io.IOException e) {
                                        throw new IllegalStateException(e);
                                    }
                                });
        awaitWaiting(1);
        waiter.cancel();

        assertThat(waiter.expect('E')).contains("57014");
        assertThat(waiter.expect('Z')).isEqualTo("I");
        sender.join();
        freeTheServer();
        waiter.query("SELECT 'next'");
        assertThat(waiter.expectReady()).contains("next");
    }

    @Test
    void aWaiterThatIsNotCancelledIsNotDisturbed() throws Exception {
        waiter.query("SELECT 'wanted'");
        awaitWaiting(1);
        holder.cancel();
        freeTheServer();

        assertThat(waiter.expectReady()).contains("wanted");
        assertThatThrownBy(
                        () -> {
                            waiter.query("nonsense");
                            waiter.expectReady();
                        })
                .hasMessageContaining("syntax error");
    }
}
