package io.pgnode.cli.view;

import static io.pgnode.cli.view.SampleViews.N1;
import static io.pgnode.cli.view.SampleViews.N2;
import static io.pgnode.cli.view.SampleViews.N3;
import static io.pgnode.cli.view.SampleViews.member;
import static io.pgnode.cli.view.SampleViews.view;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.model.MemberName;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopologyTreeTest {
    private static List<String> names(ClusterView view) {
        return TopologyTree.of(view, "pg-test").rows().stream()
                .map(row -> row.getFirst().text())
                .toList();
    }

    private static Member from(MemberName name, String upstream) {
        return member(
                name,
                25432,
                MemberRole.REPLICA,
                "running",
                1,
                1,
                upstream.isEmpty() ? Map.of() : Map.of("replicatefrom", upstream));
    }

    @Test
    void indentsMembersBelowTheirUpstream() {
        assertThat(names(SampleViews.typical()))
                .containsExactly("pg-test-1", "+ pg-test-2", "  + pg-test-3");
    }

    @Test
    void putsTheLeaderFirstWhateverItsName() {
        ClusterView view = view(N3, "{}", null, List.of(from(N1, ""), from(N2, ""), from(N3, "")));

        assertThat(names(view)).containsExactly("pg-test-3", "+ pg-test-1", "+ pg-test-2");
    }

    @Test
    void showsMembersThatNameEachOtherOnce() {
        ClusterView view =
                view(
                        N1,
                        "{}",
                        null,
                        List.of(from(N1, ""), from(N2, "pg-test-3"), from(N3, "pg-test-2")));

        assertThat(names(view)).containsExactly("pg-test-1", "pg-test-2", "+ pg-test-3");
    }

    @Test
    void ignoresAnUpstreamThatIsNoMember() {
        ClusterView view = view(N1, "{}", null, List.of(from(N1, ""), from(N2, "gone")));

        assertThat(names(view)).containsExactly("pg-test-1", "+ pg-test-2");
    }
}
