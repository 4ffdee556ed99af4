package io.pgnode.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.cluster.ClusterSnapshot;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.LeaderKey;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.Suspension;
import io.pgnode.cluster.TimelineClaim;
import io.pgnode.model.MemberName;
import java.io.IOException;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotCodecTest {
    private final SnapshotCodec codec = new SnapshotCodec();

    @Test
    void readsWhatItWrote() throws IOException {
        for (int members : new int[] {1, 2, 5, 300}) {
            ClusterSnapshot snapshot = Snapshots.of(4711, members);
            String line = codec.encode(snapshot);

            assertThat(line).doesNotContain("\n");
            assertThat(codec.decode(line)).isEqualTo(snapshot);
        }
    }

    @Test
    void readsAClusterWithoutALeader() throws IOException {
        ClusterSnapshot snapshot =
                new ClusterSnapshot(Snapshots.view(1, null, new TreeMap<>(), null), -5);

        assertThat(codec.decode(codec.encode(snapshot))).isEqualTo(snapshot);
        assertThat(codec.decode(codec.encode(new ClusterSnapshot(ClusterView.EMPTY, 0))))
                .isEqualTo(new ClusterSnapshot(ClusterView.EMPTY, 0));
    }

    @Test
    void carriesTheLeaseAndThePause() throws IOException {
        ClusterView view = Snapshots.of(1, 1).view();
        ClusterView configured =
                new ClusterView(
                        view.revision(),
                        view.leader(),
                        view.epoch(),
                        view.members(),
                        DynamicConfig.DEFAULT,
                        null,
                        view.status(),
                        view.sync(),
                        view.switchover(),
                        view.history(),
                        view.failsafe(),
                        null,
                        TimelineClaim.NONE,
                        Suspension.NONE,
                        null,
                        view.problems());

        assertThat(codec.decode(codec.encode(new ClusterSnapshot(configured, 1))).view())
                .isEqualTo(configured);
    }

    @Test
    void aNewerAgentMayKnowMore() throws IOException {
        ClusterSnapshot snapshot =
                codec.decode(
                        """
                        {"deadline": 5, "epoch": 1, "revision": 2, "leader": "a", "new": {"x": 1},
                         "members": [{"name": "a", "role": "king", "state": "running", "new": []}]}
                        """);

        assertThat(snapshot.view().leader()).isEqualTo(new LeaderKey(new MemberName("a"), 0, 0, 0));
        assertThat(snapshot.view().members().values())
                .extracting(member -> member.role())
                .containsExactly(MemberRole.REPLICA);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "[]",
                "{}",
                "{\"deadline\": \"soon\", \"epoch\": 1, \"revision\": 1}",
                "{\"deadline\": 5, \"epoch\": 1, \"revision\": 1, \"members\": [{}]}",
                "{\"deadline\": 5, \"epoch\": 1, \"revision\": 1, \"leader\": \"a b\"}",
                "{\"deadline\": 5, \"epoch\": 1, \"revision\": 1, \"optime\": \"x\"}",
                "{\"deadline\": 5, \"epoch\": 1, \"revision\": 1, \"switchover\": {\"at\": \"x\"}}",
                "{\"deadline\": 5, \"epoch\": 1, \"revision\": 1,"
                        + " \"members\": [{\"name\": \"a\", \"host\": \"h\", \"port\": 0}]}"
            })
    void refusesWhatIsNone(String line) {
        assertThatThrownBy(() -> codec.decode(line))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("a snapshot ");
    }
}
