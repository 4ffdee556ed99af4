package io.pgnode.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.agent.Loop;
import io.pgnode.agent.Postgres;
import io.pgnode.agent.PostgresProblem;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.SwitchoverRequest;
import io.pgnode.dcs.Dcs;
import io.pgnode.dcs.DcsException;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What random runs once found, each as a scenario of its own. */
class RegressionsTest {
    private static final long SECOND = 1_000_000_000L;

    private SimLog log = SimLog.install();
    private @Nullable World world;
    private @Nullable SimCluster cluster;

    @BeforeEach
    void install() {
        log.close();
        log = SimLog.install();
    }

    @AfterEach
    void remove() {
        log.close();
    }

    private SimCluster cluster() {
        return Objects.requireNonNull(cluster);
    }

    private World world() {
        return Objects.requireNonNull(world);
    }

    private void begin(String config, Rules rules) {
        world = new World(1);
        cluster = new SimCluster(world, SimSetup.calm(config), rules);
    }

    private void run(double seconds) {
        world().runFor((long) (seconds * SECOND));
        if (world().violation() != null) {
            world().lastLines().forEach(System.err::println);
        }
        assertThat(world().violation()).isNull();
    }

    private void settle() {
        run(0.1);
        for (int i = 0; i < 600 && !cluster().unsettled().isEmpty(); i++) {
            run(0.1);
        }
        assertThat(cluster().unsettled()).isEmpty();
    }

    private SimNode primary() {
        return Objects.requireNonNull(cluster().primary());
    }

    private SimNode anyStandby() {
        for (SimNode node : cluster().nodes()) {
            if (node != primary()) {
                return node;
            }
        }
        throw new AssertionError("no standby");
    }

    private static String config(String sync) {
        return SimSetup.config(10, sync, false, false);
    }

    @Test
    void aNewAgentLetsThePrimaryRunUntilASlowStoreAnswers() {
        begin(config("off"), Rules.REAL);
        settle();
        SimNode primary = primary();
        long incarnation = primary.instance().incarnation();

        primary.killAgent();
        cluster().network().slow(SimDcs.HOST, primary.name().value(), SECOND);
        primary.restartAgentIn(SECOND / 10);
        run(20);

        assertThat(primary.instance().acceptsWrites()).isTrue();
        assertThat(primary.instance().incarnation()).isEqualTo(incarnation);
    }

    @Test
    void aFormerLeaderIsBackRightAfterASwitchover() {
        begin(config("off"), Rules.REAL);
        settle();
        SimNode before = primary();
        run(1);

        var _ =
                cluster()
                        .dcs()
                        .direct()
                        .writeSwitchover(new SwitchoverRequest(before.name(), null, null, 0), 0);
        run(1.6);

        assertThat(primary()).isNotEqualTo(before);
        assertThat(before.instance().upstream()).isEqualTo(primary().name());
    }

    @Test
    void aStandbyThatLostItsStreamIsReadyWhenTheLeaseEnds() {
        begin(config("off"), Rules.REAL);
        settle();
        run(1);

        primary().powerOff();
        // A lease, an unanswered question to the lost member, a promotion.
        run(10 + 2 + 0.7);

        assertThat(cluster().primary()).isNotNull();
    }

    @Test
    void aPromotionThatFailedForTheAgentMakesNoSecondPrimary() {
        Rules impatient =
                new Rules() {
                    private boolean failed;

                    @Override
                    public Postgres postgres(Postgres postgres, MemberName self, Loop loop) {
                        return new PostgresWrapper(postgres) {
                            @Override
                            public CompletableFuture<@Nullable Void> promote(
                                    long epoch, int timeline) {
                                CompletableFuture<@Nullable Void> real =
                                        super.promote(epoch, timeline);
                                if (failed) {
                                    return real;
                                }
                                failed = true;
                                return CompletableFuture.failedFuture(
                                        new PostgresProblem("no answer in time"));
                            }
                        };
                    }
                };
        begin(config("off"), impatient);
        settle();
        SimNode before = primary();

        before.powerOff();
        run(30);
        assertThat(cluster().primary()).isNotNull();
        before.powerOn();
        settle();
    }

    @Test
    void aPromiseOutlivesTheAgentThatGaveIt() {
        begin(SimSetup.config(10, "off", false, true), Rules.REAL);
        settle();
        run(5);
        SimNode primary = primary();
        SimNode promised = anyStandby();

        cluster().dcs().down();
        run(25);
        assertThat(primary.instance().acceptsWrites()).isTrue();
        promised.killAgent();
        promised.restartAgentIn(SECOND / 2);
        run(1);
        cluster().network().cut(primary.name().value(), SimDcs.HOST);
        cluster().network().cut(primary.name().value(), promised.name().value());
        cluster().dcs().up(false);
        run(6);
        cluster().network().calm();
        settle();
    }

    @Test
    void theFirstToRegisterAfterAnOutageAsksTheOthers() {
        begin(config("off"), Rules.REAL);
        settle();
        SimNode primary = primary();
        SimNode behind = anyStandby();

        // One standby misses what the other one has; then everybody's keys run out.
        cluster().network().cut(primary.name().value(), behind.name().value());
        cluster().network().cut(behind.name().value(), primary.name().value());
        run(8);
        primary.powerOff();
        cluster().dcs().down();
        run(15);
        cluster().dcs().up(false);
        run(10);

        assertThat(cluster().primary()).isNotNull().isNotEqualTo(behind);
    }

    @Test
    void aLostReplyDoesNotBlockTheCreationOfTheCluster() {
        begin(config("off"), new LosesOneReply("initialize"));
        settle();
    }

    @Test
    void aClusterThatServesIsNotMovedAsideWhenItsKeyCannotBeWritten() {
        // The second write of the key is the one with the identifier.
        LosesOneReply rules = new LosesOneReply("initialize");
        rules.skip = 1;
        begin(config("off"), rules);
        settle();
        assertThat(cluster().checker().promotions()).isEqualTo(1);
    }

    @Test
    void anUnknownWriteOfTheSyncKeyIsSettledBeforePostgresStopsToWait() {
        LosesOneReply rules = new LosesOneReply("sync");
        rules.skip = 1;
        begin(config("on"), rules);
        for (int i = 0; i < 300 && rules.skip >= 0; i++) {
            run(0.1);
        }
        SimNode sync = cluster().node(cluster().dcs().view().sync().standbys().iterator().next());
        // The leader does not see the key it wrote, and loses the standby.
        cluster().network().cut(SimDcs.HOST, primary().name().value());
        sync.powerOff();
        run(4);
        cluster().network().calm();
        sync.powerOn();
        settle();
    }

    @Test
    void aPrimaryWithoutSpaceLetsAnotherMemberLeadAndComesBackWithSpace() {
        begin(config("off"), Rules.REAL);
        settle();
        SimNode full = primary();

        full.instance().diskFull(true);
        run(15);
        assertThat(cluster().primary()).isNotNull().isNotEqualTo(full);
        long incarnation = full.instance().incarnation();
        run(60);
        // Not worn out by starts that cannot help.
        assertThat(full.instance().incarnation() - incarnation).isLessThan(40);

        full.instance().diskFull(false);
        settle();
    }

    @Test
    void theOnlyMemberIsNotStartedAllTheTimeWhileItHasNoSpace() {
        begin(config("off"), Rules.REAL);
        settle();
        SimNode full = primary();
        cluster().nodes().stream().filter(node -> node != full).forEach(SimNode::powerOff);
        run(20);
        full.instance().diskFull(true);
        run(10);
        long incarnation = full.instance().incarnation();
        run(100);
        // A start and its end count one each.
        assertThat(full.instance().incarnation() - incarnation).isLessThan(30);

        full.instance().diskFull(false);
        run(40);
        assertThat(cluster().primary()).isEqualTo(full);
        cluster().nodes().forEach(SimNode::powerOn);
        settle();
    }

    @Test
    void aReturningLeaderKeepsTheSlotsOfMembersThatWereThereMeanwhile() {
        begin(config("off"), Rules.REAL);
        settle();
        SimNode first = primary();
        switchOver();
        run(60);
        SimNode second = primary();
        assertThat(second).isNotEqualTo(first);
        // The one that leads now leaves, and the first one remembers it from long ago.
        second.powerOff();
        var _ =
                cluster()
                        .dcs()
                        .direct()
                        .writeSwitchover(new SwitchoverRequest(null, first.name(), null, 0), 0);
        run(20);
        assertThat(primary()).isEqualTo(first);
        assertThat(first.instance().slots()).contains(second.name().slotName());
    }

    @Test
    void aPausedPrimaryTakesItsLeaseAgainWhenThePauseEnds() {
        begin(config("off"), Rules.REAL);
        SimNode primary = paused();
        long incarnation = primary.instance().incarnation();

        primary.killAgent();
        run(30);
        // Its agent starts at the very moment at which everybody sees the end of the pause.
        primary.startAgent();
        pause(false);
        settle();

        assertThat(primary()).isEqualTo(primary);
        assertThat(primary.instance().incarnation()).isEqualTo(incarnation);
        assertThat(cluster().checker().promotions()).isEqualTo(1);
    }

    @Test
    void nobodyTakesOverFromAPausedPrimaryThatCannotBeAsked() {
        begin(config("off"), Rules.REAL);
        SimNode primary = paused();

        primary.killAgent();
        run(30);
        pause(false);
        run(120);
        assertThat(cluster().dcs().view().leader()).isNull();
        assertThat(primary()).isEqualTo(primary);

        primary.startAgent();
        settle();
        assertThat(primary()).isEqualTo(primary);
        assertThat(cluster().dcs().view().suspension().exists()).isFalse();
    }

    @Test
    void aPausedPrimaryThatIsCutOffKeepsTheOthersAway() {
        begin(config("off"), Rules.REAL);
        SimNode primary = paused();
        for (String other : new String[] {"n1", "n2", "n3", SimDcs.HOST}) {
            cluster().network().cut(primary.name().value(), other);
            cluster().network().cut(other, primary.name().value());
        }
        run(30);
        pause(false);
        run(60);
        assertThat(primary()).isEqualTo(primary);

        cluster().network().calm();
        settle();
        assertThat(primary()).isEqualTo(primary);
    }

    @Test
    void aPausedPrimaryThatDiedIsReplacedOnceItsAgentSaysSo() {
        begin(config("off"), Rules.REAL);
        SimNode primary = paused();
        primary.powerOff();
        run(30);
        pause(false);
        run(60);
        assertThat(cluster().primary()).isNull();

        primary.powerOn();
        settle();
    }

    @Test
    void anOperatorsFailoverGoesPastAPausedPrimaryThatDied() {
        begin(config("off"), Rules.REAL);
        SimNode primary = paused();
        SimNode heir = anyStandby();
        primary.powerOff();
        run(30);
        pause(false);
        var _ =
                cluster()
                        .dcs()
                        .direct()
                        .writeSwitchover(new SwitchoverRequest(null, heir.name(), null, 0), 0);
        run(5);
        assertThat(primary()).isEqualTo(heir);

        primary.powerOn();
        settle();
    }

    @Test
    void aNewAgentLetsAPausedPrimaryRun() {
        begin(config("off"), Rules.REAL);
        SimNode primary = paused();
        long incarnation = primary.instance().incarnation();

        primary.killAgent();
        primary.restartAgentIn(SECOND);
        run(5);
        // It has its lease again, whose end fences nothing.
        cluster().dcs().down();
        run(60);
        cluster().dcs().up(false);
        run(10);
        pause(false);
        settle();

        assertThat(primary.instance().incarnation()).isEqualTo(incarnation);
    }

    @Test
    void theEndOfAPauseCostsALivingLeaderNothing() {
        begin(config("off"), Rules.REAL);
        SimNode primary = paused();
        long epoch = cluster().dcs().view().epoch();
        cluster().checker().takeWorstGapNanos();

        pause(false);
        run(1);

        assertThat(cluster().dcs().view().suspension().exists()).isFalse();
        assertThat(cluster().dcs().view().epoch()).isEqualTo(epoch);
        assertThat(primary.guard().isArmed()).isTrue();
        assertThat(cluster().checker().takeWorstGapNanos()).isLessThan(SECOND / 2);
    }

    /** The primary of a settled cluster that has been paused for a while. */
    private SimNode paused() {
        settle();
        pause(true);
        run(3);
        SimNode primary = primary();
        assertThat(cluster().dcs().view().suspension().names(primary.name())).isTrue();
        assertThat(primary.guard().isArmed()).isFalse();
        return primary;
    }

    private void pause(boolean on) {
        DynamicConfig config = Objects.requireNonNull(cluster().dcs().view().config());
        String json = config.json().replace("\"pause\":true,", "");
        String wanted = on ? "{\"pause\":true," + json.substring(1) : json;
        assertThat(cluster().dcs().direct().writeConfig(wanted, config.modRevision()).join())
                .isTrue();
    }

    private void switchOver() {
        var _ =
                cluster()
                        .dcs()
                        .direct()
                        .writeSwitchover(new SwitchoverRequest(primary().name(), null, null, 0), 0);
        run(0.1);
        settle();
    }

    /** The store applies a write of one key, and nobody hears of it. */
    private static final class LosesOneReply implements Rules {
        private final String key;
        private int skip;

        LosesOneReply(String key) {
            this.key = key;
        }

        @Override
        public Dcs dcs(Dcs dcs, MemberName self, Loop loop) {
            return new DcsWrapper(dcs) {
                @Override
                public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
                    boolean ours = txn.ops().stream().anyMatch(op -> op.key().endsWith("/" + key));
                    if (!ours || skip < 0 || skip-- > 0) {
                        return super.txn(txn, timeout);
                    }
                    return super.txn(txn, timeout)
                            .thenCompose(
                                    applied ->
                                            CompletableFuture.failedFuture(
                                                    new DcsException(
                                                            DcsException.Kind.UNKNOWN,
                                                            "the reply was lost",
                                                            null)));
                }
            };
        }
    }
}
