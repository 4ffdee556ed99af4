package io.pgnode.gateway.pooler.core;

import static io.pgnode.gateway.pooler.core.Replies.Verdict.FORWARD;
import static io.pgnode.gateway.pooler.core.Replies.Verdict.READY;
import static io.pgnode.gateway.pooler.core.Replies.Verdict.SWALLOW;
import static io.pgnode.gateway.pooler.core.Replies.Verdict.SWALLOW_READY;
import static io.pgnode.gateway.pooler.core.Replies.Verdict.UNEXPECTED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepliesTest {
    private final Replies replies = new Replies();
    private final List<Long> dropped = new ArrayList<>();

    private List<Replies.Verdict> server(String tags) {
        return tags.chars()
                .mapToObj(tag -> replies.on((byte) tag, (_, id) -> dropped.add(id)))
                .toList();
    }

    private void add(int... kinds) {
        for (int kind : kinds) {
            replies.add(kind);
        }
    }

    @Test
    void aQueryIsAnsweredByReady() {
        add(Replies.QUERY);

        assertThat(server("TDDCTDC")).containsOnly(FORWARD);
        assertThat(replies.isEmpty()).isFalse();
        assertThat(server("Z")).containsExactly(READY);
        assertThat(replies.isEmpty()).isTrue();
    }

    @Test
    void nothingIsExpectedWhenNothingWasAsked() {
        assertThat(server("Z1CDE")).containsOnly(UNEXPECTED);
        assertThat(server("SNA")).containsOnly(FORWARD);
    }

    @Test
    void pipelinedSyncsAreAnsweredOneByOne() {
        add(Replies.PARSE, Replies.BIND, Replies.EXECUTE, Replies.SYNC);
        add(Replies.BIND, Replies.EXECUTE, Replies.SYNC);

        assertThat(server("12DCZ")).containsExactly(FORWARD, FORWARD, FORWARD, FORWARD, READY);
        assertThat(replies.isEmpty()).isFalse();
        assertThat(server("2CZ")).containsExactly(FORWARD, FORWARD, READY);
        assertThat(replies.isEmpty()).isTrue();
    }

    @Test
    void anErrorSkipsToTheNextSync() {
        replies.add(Replies.PARSE, 7);
        add(Replies.BIND, Replies.EXECUTE);
        replies.add(Replies.PARSE, 8);
        add(Replies.SYNC, Replies.QUERY);

        assertThat(server("1E")).containsExactly(FORWARD, FORWARD);
        assertThat(dropped).containsExactly(8L);
        assertThat(server("Z")).containsExactly(READY);
        assertThat(server("CZ")).containsExactly(FORWARD, READY);
    }

    @Test
    void whatComesAfterAnErrorIsSkippedUntilASync() {
        add(Replies.PARSE);
        assertThat(server("E")).containsExactly(FORWARD);
        assertThat(replies.isSkipping()).isTrue();

        add(Replies.BIND, Replies.QUERY, Replies.EXECUTE);
        assertThat(replies.isEmpty()).isTrue();
        add(Replies.SYNC);

        assertThat(server("Z")).containsExactly(READY);
        assertThat(replies.isSkipping()).isFalse();
    }

    @Test
    void fakesAreDueInTheirOrder() {
        add(Replies.BIND, Replies.PARSE | Replies.FAKE, Replies.CLOSE | Replies.FAKE, Replies.SYNC);

        assertThat(replies.nextFake()).isZero();
        assertThat(server("2")).containsExactly(FORWARD);
        assertThat(replies.nextFake()).isEqualTo(Replies.PARSE);
        assertThat(replies.nextFake()).isEqualTo(Replies.CLOSE);
        assertThat(replies.nextFake()).isZero();
        assertThat(server("Z")).containsExactly(READY);
    }

    @Test
    void answersToOurOwnRequestsAreSwallowed() {
        add(Replies.QUERY | Replies.SWALLOW, Replies.PARSE | Replies.SWALLOW, Replies.BIND);
        add(Replies.SYNC);

        assertThat(server("CZ12Z"))
                .containsExactly(SWALLOW, SWALLOW_READY, SWALLOW, FORWARD, READY);
    }

    @Test
    void aFailedRequestOfOursIsKnown() {
        add(Replies.QUERY | Replies.SWALLOW);

        assertThat(server("EZ")).containsExactly(SWALLOW, SWALLOW_READY);
        assertThat(replies.takeError()).isTrue();
        assertThat(replies.takeError()).isFalse();
    }

    @Test
    void aServerThatWaitsForASyncIsNotDone() {
        add(Replies.PARSE, Replies.BIND, Replies.EXECUTE);
        assertThat(server("12C")).containsOnly(FORWARD);
        assertThat(replies.isEmpty()).isTrue();
        assertThat(replies.endsInReady()).isFalse();

        add(Replies.SYNC);
        assertThat(server("Z")).containsExactly(READY);
        assertThat(replies.endsInReady()).isTrue();

        add(Replies.PARSE);
        assertThat(server("E")).containsExactly(FORWARD);
        add(Replies.QUERY); // which is skipped
        assertThat(replies.endsInReady()).isFalse();
    }

    @Test
    void theServerIgnoresSyncsInACopy() {
        add(Replies.EXECUTE, Replies.SYNC, Replies.SYNC);
        assertThat(server("G")).containsExactly(FORWARD);
        add(Replies.SYNC);
        replies.endCopy();
        assertThat(replies.endsInReady()).isFalse();
        add(Replies.SYNC);

        assertThat(server("CZ")).containsExactly(FORWARD, READY);
        assertThat(replies.isEmpty()).isTrue();
    }

    @Test
    void aSyncBehindTheEndOfACopyCounts() {
        add(Replies.EXECUTE);
        replies.endCopy();
        add(Replies.SYNC);
        assertThat(server("GCZ")).containsExactly(FORWARD, FORWARD, READY);

        add(Replies.EXECUTE, Replies.SYNC);
        replies.endCopy();
        add(Replies.SYNC);
        assertThat(server("GCZ")).containsExactly(FORWARD, FORWARD, READY);
        assertThat(replies.isEmpty()).isTrue();
    }

    @Test
    void aCopyThatFailsEndsItself() {
        add(Replies.EXECUTE, Replies.SYNC);
        assertThat(server("GE")).containsExactly(FORWARD, FORWARD);
        add(Replies.SYNC);
        assertThat(server("Z")).containsExactly(READY);
    }

    @Test
    void describeEndsWithItsRows() {
        add(Replies.DESCRIBE, Replies.DESCRIBE, Replies.SYNC);

        assertThat(server("tTtnZ")).containsExactly(FORWARD, FORWARD, FORWARD, FORWARD, READY);
    }

    @Test
    void growsBeyondItsRing() {
        for (int i = 0; i < 1000; i++) {
            add(Replies.BIND, Replies.EXECUTE);
        }
        add(Replies.SYNC);
        for (int i = 0; i < 1000; i++) {
            assertThat(server("2C")).containsOnly(FORWARD);
        }
        assertThat(server("Z")).containsExactly(READY);
    }
}
