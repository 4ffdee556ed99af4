package io.pgnode.ha;

import static io.pgnode.ha.Situation.ONE;
import static io.pgnode.ha.Situation.THREE;
import static io.pgnode.ha.Situation.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cluster.InstanceView.Standby;
import io.pgnode.cluster.SyncMode;
import io.pgnode.cluster.SyncState;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SyncPlanTest {
    private final Situation s = Situation.leader();
    private String names = "";
    private @Nullable Lsn changedAt;
    private Lsn flush = new Lsn(0x3000000);
    private final List<Standby> standbys = new ArrayList<>();

    private SyncPlan.Step next() {
        return SyncPlan.next(ONE, s.view(), standbys, flush, names, changedAt);
    }

    private void connected(MemberName... who) {
        standbys.clear();
        for (MemberName name : who) {
            standbys.add(
                    Situation.standby(
                            name.value(),
                            "streaming",
                            names.contains('"' + name.value() + '"') ? "sync" : "async",
                            flush));
        }
    }

    private void apply(SyncPlan.Step step) {
        switch (step) {
            case SyncPlan.Step.Done done -> {}
            case SyncPlan.Step.DeleteKey delete -> s.sync = SyncState.NONE;
            case SyncPlan.Step.WriteKey write ->
                    s.sync = new SyncState(ONE, write.standbys(), 0, s.sync.modRevision() + 1);
            case SyncPlan.Step.SetNames set -> {
                names = set.value();
                changedAt = flush;
            }
        }
    }

    private List<SyncPlan.Step> run() {
        List<SyncPlan.Step> steps = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            SyncPlan.Step step = next();
            steps.add(step);
            if (step instanceof SyncPlan.Step.Done) {
                return steps;
            }
            apply(step);
            connected(
                    standbys.stream()
                            .map(row -> new MemberName(row.applicationName()))
                            .toArray(MemberName[]::new));
        }
        throw new AssertionError("no end: " + steps);
    }

    @Test
    void namesAStandbyFirstAndWritesTheKeyAfterwards() {
        s.syncMode = SyncMode.ON;
        connected(TWO, THREE);

        assertThat(run())
                .containsExactly(
                        new SyncPlan.Step.WriteKey(Set.of()),
                        new SyncPlan.Step.SetNames("\"pg-2\""),
                        new SyncPlan.Step.WriteKey(Set.of(TWO)),
                        new SyncPlan.Step.Done());
    }

    @Test
    void waitsUntilTheStandbyHasWhatWasAcknowledgedBefore() {
        s.syncMode = SyncMode.ON;
        s.sync = new SyncState(ONE, Set.of(), 0, 1);
        names = "\"pg-2\"";
        changedAt = new Lsn(0x3000001);
        connected(TWO);
        assertThat(next()).isEqualTo(new SyncPlan.Step.Done());

        changedAt = flush;
        assertThat(next()).isEqualTo(new SyncPlan.Step.WriteKey(Set.of(TWO)));
    }

    @Test
    void takesAStandbyFromTheKeyFirst() {
        s.syncMode = SyncMode.ON;
        s.sync = new SyncState(ONE, Set.of(TWO), 0, 1);
        names = "\"pg-2\"";
        changedAt = flush;

        assertThat(run())
                .containsExactly(
                        new SyncPlan.Step.WriteKey(Set.of()),
                        new SyncPlan.Step.SetNames(""),
                        new SyncPlan.Step.Done());
    }

    @Test
    void strictModeStopsCommitsWhenNobodyIsThere() {
        s.syncMode = SyncMode.ON;
        s.strict = true;

        assertThat(run())
                .contains(new SyncPlan.Step.SetNames("\"" + SyncPlan.STRICT_PLACEHOLDER + "\""));
        assertThat(SyncPlan.namesAtPromotion(s.view().settings()))
                .contains(SyncPlan.STRICT_PLACEHOLDER);
    }

    @Test
    void switchedOffItCleansUpButLeavesForeignSettingsAlone() {
        s.sync = new SyncState(ONE, Set.of(TWO), 0, 1);
        names = "\"pg-2\"";
        connected(TWO);
        assertThat(run())
                .containsExactly(
                        new SyncPlan.Step.DeleteKey(),
                        new SyncPlan.Step.SetNames(""),
                        new SyncPlan.Step.Done());

        names = "ANY 1 (a, b)";
        assertThat(next()).isEqualTo(new SyncPlan.Step.Done());
    }

    /**
     * From any state, and whatever changes between two steps: nobody is in the key unwaited for.
     */
    @Test
    void everyNameInTheKeyIsWaitedForAfterEveryStep() {
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            s.syncMode = SyncMode.ON;
            s.strict = random.nextBoolean();
            s.syncNodes = 1 + random.nextInt(2);
            s.sync = random.nextBoolean() ? SyncState.NONE : new SyncState(TWO, Set.of(ONE), 0, 3);
            names = random.nextBoolean() ? "" : "\"pg-3\"";
            changedAt = null;
            for (int step = 0; step < 12; step++) {
                if (random.nextInt(3) == 0) {
                    s.syncMode = random.nextInt(4) == 0 ? SyncMode.OFF : SyncMode.ON;
                    s.syncNodes = 1 + random.nextInt(2);
                }
                Set<MemberName> there = new TreeSet<>();
                for (MemberName name : List.of(TWO, THREE)) {
                    if (random.nextInt(3) > 0) {
                        there.add(name);
                    }
                }
                flush = new Lsn(flush.value() + random.nextInt(2));
                connected(there.toArray(MemberName[]::new));
                apply(next());
                if (ONE.equals(s.sync.leader())) {
                    for (MemberName name : s.sync.standbys()) {
                        assertThat(names).as("seed %d", seed).contains('"' + name.value() + '"');
                    }
                }
            }
        }
    }
}
