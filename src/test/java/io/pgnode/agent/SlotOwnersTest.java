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

        owners.note(both, 100);
        owners.note(ClusterView.EMPTY, 5000);
        assertThat(owners.lastSeen()).containsEntry(gone.slotName(), 5000L);

        owners.note(ClusterView.EMPTY, 7000);
        assertThat(owners.lastSeen()).containsEntry(gone.slotName(), 5000L);
    }
}
