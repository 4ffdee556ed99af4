package io.pgnode.backup.schedule.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.schedule.Views;
import io.pgnode.backup.schedule.core.Placement.Preference;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlacementTest {
    private final Views views =
            new Views("m1").standby("m2", 300 << 20).standby("m3", 1000).standby("m4", 2000);

    @Test
    void standbysByLagThenName() {
        assertThat(order(Preference.PREFER_STANDBY)).containsExactly("m3", "m4", "m2", "m1");
        assertThat(order(Preference.STANDBY)).containsExactly("m3", "m4", "m2");
        assertThat(order(Preference.PRIMARY)).containsExactly("m1");
    }

    @Test
    void thoseThatDoNotRunAreNotAsked() {
        views.state("m3", "stopped").tag("m4", "nobackup", "true");
        assertThat(order(Preference.PREFER_STANDBY)).containsExactly("m2", "m1");
    }

    @Test
    void nobodyWithoutALeader() {
        assertThat(Placement.order(views.withoutLeader(), Preference.STANDBY)).isEmpty();
        views.state("m1", "starting");
        assertThat(order(Preference.PREFER_STANDBY)).isEmpty();
    }

    private List<String> order(Preference preference) {
        return Placement.order(views.view(), preference).stream()
                .map(name -> name.value())
                .toList();
    }
}
