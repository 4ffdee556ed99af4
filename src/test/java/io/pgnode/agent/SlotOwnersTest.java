package io.pgnode.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cli.view.SampleViews;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.model.MemberName;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SlotOwnersTest {
    private final SlotOwners owners = new SlotOwners();

    @Test
    void aMemberThatLeavesAQuietClusterWasThereUntilThen() {
        ClusterView both = SampleViews.typical();
        TreeMap<MemberName, Member> members = new TreeMap<>(both.members());
        MemberName gone = members.lastKey();

        owners.note(both, false, 100);
        owners.note(ClusterView.EMPTY, false, 5000);
        assertThat(owners.lastSeen()).containsEntry(gone.slotName(), 5000L);

        owners.note(ClusterView.EMPTY, false, 7000);
        assertThat(owners.lastSeen()).containsEntry(gone.slotName(), 5000L);
    }

    @Test
    void whoWasThereWhileNobodyLookedIsNotForgotten() {
        ClusterView both = SampleViews.typical();
        MemberName gone = new TreeMap<>(both.members()).lastKey();
        owners.note(both, false, 100);
        owners.note(ClusterView.EMPTY, false, 200);

        owners.note(ClusterView.EMPTY, true, 9000);

        assertThat(owners.lastSeen()).containsEntry(gone.slotName(), 9000L);
    }
}
