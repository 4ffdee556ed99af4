package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.feed.HoldScope;
import io.pgnode.gateway.pooler.core.Hold;
import org.junit.jupiter.api.Test;

class HoldBookTest {
    private final HoldBook book = new HoldBook();

    private java.util.List<String> owners(String target) {
        return book.holdsOf(target).stream().map(Hold::owner).toList();
    }

    @Test
    void aHoldOfThePrimaryConcernsItsPoolsOnly() {
        book.put(HoldScope.PRIMARY, "switchover", 7, Hold.NO_LIMIT, false);

        assertThat(owners("primary")).containsExactly("primary:switchover");
        assertThat(owners("local")).isEmpty();
        assertThat(owners("member:n2")).isEmpty();
    }

    @Test
    void aLocalHoldConcernsThePrimaryWhereItIsHere() {
        book.put(HoldScope.LOCAL, "restart", Long.MAX_VALUE, Hold.NO_LIMIT, false);
        assertThat(owners("primary")).isEmpty();
        assertThat(owners("local")).containsExactly("local:restart");

        book.primaryIs(3, true);
        assertThat(owners("primary")).containsExactly("local:restart");

        book.primaryIs(4, false);
        assertThat(owners("primary")).isEmpty();
        assertThat(owners("local")).containsExactly("local:restart");
    }

    @Test
    void aHoldEndsWithAPrimaryOfAHigherEpoch() {
        book.primaryIs(7, false);
        book.put(HoldScope.PRIMARY, "switchover", 7, Hold.NO_LIMIT, false);
        book.put(HoldScope.PRIMARY, "operator", Long.MAX_VALUE, Hold.NO_LIMIT, false);
        book.primaryIs(7, false);
        assertThat(owners("primary")).hasSize(2);

        book.primaryIs(8, true);

        assertThat(owners("primary")).containsExactly("primary:operator");
    }

    @Test
    void aHoldThatComesAfterTheNewPrimaryIsNone() {
        book.primaryIs(8, true);

        assertThat(book.put(HoldScope.PRIMARY, "switchover", 7, Hold.NO_LIMIT, false)).isFalse();
        assertThat(book.isHeld(HoldScope.PRIMARY)).isFalse();
    }

    @Test
    void aHoldEndsByItsLimitUnlessItRefusesThen() {
        book.put(HoldScope.LOCAL, "restart", 1, 100, false);
        book.put(HoldScope.LOCAL, "no-primary", 1, 100, true);
        book.expire(99);
        assertThat(owners("local")).hasSize(2);

        book.expire(100);

        assertThat(owners("local")).containsExactly("local:no-primary");
    }

    @Test
    void onlyItsOwnHoldsAreOurs() {
        book.put(HoldScope.LOCAL, "x", 1, Hold.NO_LIMIT, false);

        assertThat(book.holdsOf("local")).allMatch(HoldBook::isOurs);
        assertThat(HoldBook.isOurs(Hold.pause("PAUSE"))).isFalse();
    }
}
