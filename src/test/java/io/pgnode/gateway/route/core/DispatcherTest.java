package io.pgnode.gateway.route.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.model.HostPort;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DispatcherTest {
    private static final long SECOND = 1_000_000_000L;

    private final Random random = new Random(1);
    private final Map<String, ServerAdmin> admins = new HashMap<>();
    private long now = SECOND;

    static ServiceSpec spec(Balance balance) {
        return ServiceSpec.of("test", 5436, ServiceMode.TCP, RoleRule.PRIMARY, List.of())
                .withBalance(balance);
    }

    static ServerView server(String name, Condition condition) {
        return new ServerView(
                name, new HostPort("10.0.0.1", 5432), 100, false, condition, "", CheckReport.NONE);
    }

    private static ServerView backup(String name, Condition condition) {
        return new ServerView(
                name, new HostPort("10.0.0.1", 5432), 100, true, condition, "", CheckReport.NONE);
    }

    private static ServerView weighted(String name, int weight) {
        return new ServerView(
                name,
                new HostPort("10.0.0.1", 5432),
                weight,
                false,
                Condition.UP,
                "",
                CheckReport.NONE);
    }

    private Dispatcher<String> dispatcher(ServiceSpec spec, ServerView... servers) {
        Dispatcher<String> dispatcher = new Dispatcher<>(spec, random::nextLong, now);
        var _ = update(dispatcher, servers);
        return dispatcher;
    }

    private Changes<String> update(Dispatcher<String> dispatcher, ServerView... servers) {
        return dispatcher.update(
                List.of(servers), name -> admins.getOrDefault(name, ServerAdmin.NONE), now);
    }

    private String offer(Dispatcher<String> dispatcher, Ticket<String> ticket) {
        Verdict verdict = dispatcher.offer(ticket, now);
        ServerSlot slot = ticket.slot();
        return verdict == Verdict.GO && slot != null ? slot.name() : verdict.name();
    }

    private String offer(Dispatcher<String> dispatcher) {
        return offer(dispatcher, new Ticket<>("one", 0));
    }

    private List<String> offers(Dispatcher<String> dispatcher, int count) {
        List<String> result = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            result.add(offer(dispatcher));
        }
        return result;
    }

    private static ServiceSpec limited(int queue, int perServer) {
        return spec(Balance.ROUND_ROBIN)
                .withLimits(new ServiceSpec.Limits(100, queue, perServer, 3));
    }

    @Test
    void takesTurnsByWeightAndSpreadsThem() {
        var dispatcher =
                dispatcher(spec(Balance.ROUND_ROBIN), weighted("a", 200), weighted("b", 100));

        assertThat(offers(dispatcher, 6)).containsExactly("a", "b", "a", "a", "b", "a");
    }

    @Test
    void prefersTheServerWithFewestSessions() {
        var dispatcher =
                dispatcher(spec(Balance.LEAST_CONN), weighted("a", 100), weighted("b", 100));
        Ticket<String> first = new Ticket<>("first", 0);
        assertThat(offer(dispatcher, first)).isEqualTo("a");
        assertThat(offers(dispatcher, 2)).containsExactly("b", "a");

        var _ = dispatcher.release(first, now);

        assertThat(offer(dispatcher)).isEqualTo("a");
    }

    @Test
    void fillsTheFirstServerBeforeTheNext() {
        ServiceSpec spec = limited(10, 2).withBalance(Balance.FIRST);
        var dispatcher = dispatcher(spec, weighted("a", 1), weighted("b", 200));

        assertThat(offers(dispatcher, 5)).containsExactly("a", "a", "b", "b", "WAIT");
    }

    @Test
    void drawsByWeight() {
        var dispatcher = dispatcher(spec(Balance.RANDOM), weighted("a", 250), weighted("b", 10));

        List<String> chosen = offers(dispatcher, 200);

        assertThat(chosen).contains("b");
        assertThat(chosen.stream().filter("a"::equals).count()).isGreaterThan(150);
    }

    @Test
    void sendsAnAddressToTheSameServer() {
        var dispatcher =
                dispatcher(
                        spec(Balance.SOURCE),
                        weighted("a", 100),
                        weighted("b", 100),
                        weighted("c", 100));
        List<String> seen = new ArrayList<>();
        for (int hash = 0; hash < 50; hash++) {
            String first = offer(dispatcher, new Ticket<>("x", hash));
            String second = offer(dispatcher, new Ticket<>("x", hash));
            assertThat(second).isEqualTo(first);
            seen.add(first);
        }
        assertThat(seen).contains("a", "b", "c");
    }

    @Test
    void usesOnlyTheFirstBackupAndOnlyWhileNobodyElseIsUp() {
        var dispatcher =
                dispatcher(
                        spec(Balance.ROUND_ROBIN),
                        server("a", Condition.DOWN),
                        backup("b", Condition.UP),
                        backup("c", Condition.UP));
        assertThat(offers(dispatcher, 3)).containsExactly("b", "b", "b");

        var _ =
                update(
                        dispatcher,
                        server("a", Condition.UP),
                        backup("b", Condition.UP),
                        backup("c", Condition.UP));

        assertThat(offers(dispatcher, 2)).containsExactly("a", "a");
    }

    @Test
    void usesAllBackupsWhenToldSo() {
        var dispatcher =
                dispatcher(
                        spec(Balance.ROUND_ROBIN).withAllBackups(true),
                        backup("b", Condition.UP),
                        backup("c", Condition.UP));

        assertThat(offers(dispatcher, 2)).containsExactly("b", "c");
    }

    @Test
    void usesWhoIsInDoubtOnlyWhenNobodyIsUp() {
        var dispatcher =
                dispatcher(
                        spec(Balance.ROUND_ROBIN),
                        server("a", Condition.DOUBTFUL),
                        backup("b", Condition.UP));
        assertThat(offer(dispatcher)).isEqualTo("b");

        var _ = update(dispatcher, server("a", Condition.DOUBTFUL), backup("b", Condition.DOWN));

        assertThat(offer(dispatcher)).isEqualTo("a");
    }

    @Test
    void waitsForAPrimaryAndGoesOnInOrder() {
        var dispatcher = dispatcher(limited(10, 2), server("a", Condition.DOWN));
        List<Ticket<String>> tickets = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Ticket<String> ticket = new Ticket<>("client " + i, 0);
            tickets.add(ticket);
            assertThat(dispatcher.offer(ticket, now)).isEqualTo(Verdict.WAIT);
        }

        Changes<String> changes = update(dispatcher, server("a", Condition.UP));

        assertThat(changes.started()).containsExactly(tickets.get(0), tickets.get(1));
        assertThat(dispatcher.release(tickets.get(0), now)).containsExactly(tickets.get(2));
    }

    @Test
    void refusesWhenTheQueueIsFullAndForgetsWhoWaitedTooLong() {
        ServiceSpec spec =
                limited(2, 1)
                        .withTimes(
                                new ServiceSpec.Times(
                                        Duration.ofSeconds(3),
                                        Duration.ofSeconds(5),
                                        Duration.ofHours(1),
                                        Duration.ofHours(1),
                                        Duration.ofSeconds(1),
                                        Duration.ZERO));
        var dispatcher = dispatcher(spec, server("a", Condition.UP));
        assertThat(offers(dispatcher, 4)).containsExactly("a", "WAIT", "WAIT", "REFUSED");

        now += 5 * SECOND;

        assertThat(dispatcher.expire(now)).hasSize(2);
        assertThat(dispatcher.queued()).isZero();
    }

    @Test
    void closesSessionsOfAServerThatLostItsRole() {
        var dispatcher =
                dispatcher(
                        spec(Balance.ROUND_ROBIN),
                        server("a", Condition.UP),
                        server("b", Condition.DOWN));
        assertThat(offer(dispatcher)).isEqualTo("a");

        Changes<String> changes =
                update(dispatcher, server("a", Condition.DOWN), server("b", Condition.UP));

        assertThat(changes.closing()).hasSize(1);
        assertThat(changes.closing().getFirst().server().name()).isEqualTo("a");
        assertThat(changes.events())
                .extracting(Changes.StatusChange::server, Changes.StatusChange::after)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a", ServerStatus.DOWN),
                        org.assertj.core.groups.Tuple.tuple("b", ServerStatus.UP));
    }

    @Test
    void doubtClosesNothing() {
        var dispatcher = dispatcher(spec(Balance.ROUND_ROBIN), server("a", Condition.UP));

        assertThat(update(dispatcher, server("a", Condition.DOUBTFUL)).closing()).isEmpty();
    }

    @Test
    void readersOfALostReplicaGoOnUnlessToldOtherwise() {
        ServiceSpec spec =
                spec(Balance.ROUND_ROBIN).withClosing(new ServiceSpec.Closing(false, true));
        var dispatcher = dispatcher(spec, server("a", Condition.UP), backup("b", Condition.UP));
        assertThat(
                        update(dispatcher, server("a", Condition.DOWN), backup("b", Condition.UP))
                                .closing())
                .isEmpty();
        assertThat(offer(dispatcher)).isEqualTo("b");

        Changes<String> changes =
                update(dispatcher, server("a", Condition.UP), backup("b", Condition.UP));

        assertThat(changes.closing()).hasSize(1);
        assertThat(changes.closing().getFirst().server().name()).isEqualTo("b");
    }

    @Test
    void drainTakesNoNewSessionsAndKeepsTheOldOnes() {
        var dispatcher =
                dispatcher(
                        spec(Balance.ROUND_ROBIN),
                        server("a", Condition.UP),
                        server("b", Condition.UP));
        assertThat(offer(dispatcher)).isEqualTo("a");
        admins.put("a", ServerAdmin.NONE.withState(AdminState.DRAIN));

        Changes<String> changes =
                update(dispatcher, server("a", Condition.UP), server("b", Condition.UP));

        assertThat(changes.closing()).isEmpty();
        assertThat(offers(dispatcher, 2)).containsExactly("b", "b");
    }

    @Test
    void maintenanceIsLikeBeingDown() {
        var dispatcher = dispatcher(spec(Balance.ROUND_ROBIN), server("a", Condition.UP));
        assertThat(offer(dispatcher)).isEqualTo("a");
        admins.put("a", ServerAdmin.NONE.withState(AdminState.MAINT));

        assertThat(update(dispatcher, server("a", Condition.UP)).closing()).hasSize(1);
        assertThat(offer(dispatcher)).isEqualTo("WAIT");
    }

    @Test
    void redispatchesToAServerThatHasNotFailedYet() {
        var dispatcher =
                dispatcher(
                        spec(Balance.ROUND_ROBIN),
                        server("a", Condition.UP),
                        server("b", Condition.UP));
        Ticket<String> ticket = new Ticket<>("x", 0);
        assertThat(offer(dispatcher, ticket)).isEqualTo("a");

        assertThat(dispatcher.redispatch(ticket, now)).isTrue();
        assertThat(ticket.slot()).extracting(ServerSlot::name).isEqualTo("b");
        assertThat(dispatcher.redispatch(ticket, now)).isFalse();
        assertThat(dispatcher.servers()).extracting(ServerSlot::current).containsExactly(0, 1);
    }

    @Test
    void whoGivesItsPlaceBackWaitsBeforeTheOthers() {
        var dispatcher = dispatcher(limited(10, 1), server("a", Condition.UP));
        Ticket<String> first = new Ticket<>("first", 0);
        Ticket<String> second = new Ticket<>("second", 0);
        assertThat(dispatcher.offer(first, now)).isEqualTo(Verdict.GO);
        assertThat(dispatcher.offer(second, now)).isEqualTo(Verdict.WAIT);
        var _ = update(dispatcher, server("a", Condition.DOWN));

        assertThat(dispatcher.giveBack(first, now)).isEmpty();

        assertThat(update(dispatcher, server("a", Condition.UP)).started()).containsExactly(first);
    }

    @Test
    void aServerThatComesUpStartsSlowly() {
        ServiceSpec spec =
                limited(100, 100)
                        .withTimes(
                                new ServiceSpec.Times(
                                        Duration.ofSeconds(3),
                                        Duration.ofSeconds(5),
                                        Duration.ofHours(1),
                                        Duration.ofHours(1),
                                        Duration.ofSeconds(1),
                                        Duration.ofSeconds(30)));
        var dispatcher = dispatcher(spec, server("a", Condition.DOWN));
        var _ = update(dispatcher, server("a", Condition.UP));
        now += 3 * SECOND;

        assertThat(offers(dispatcher, 11)).containsOnlyOnce("WAIT").contains("a");
        now += 27 * SECOND;
        assertThat(dispatcher.tick(now)).hasSize(1);
    }

    @Test
    void countsHowOftenAndHowLongItWasDown() {
        var dispatcher = dispatcher(spec(Balance.ROUND_ROBIN), server("a", Condition.UP));
        now += 10 * SECOND;
        var _ = update(dispatcher, server("a", Condition.DOWN));
        now += 4 * SECOND;
        var _ = update(dispatcher, server("a", Condition.UP));
        now += 6 * SECOND;

        ServerSlot slot = dispatcher.servers().iterator().next();
        assertThat(slot.timesDown()).isEqualTo(1);
        assertThat(slot.downtimeNanos(now)).isEqualTo(4 * SECOND);
        assertThat(dispatcher.timesDown()).isEqualTo(1);
        assertThat(dispatcher.downtimeNanos(now)).isEqualTo(4 * SECOND);
    }

    /** Any order of arrivals, ends, faults and operators' wishes. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void keepsItsPromisesUnderAnySchedule(int seed) {
        for (Balance balance : Balance.values()) {
            new Schedule(new Random(seed * 31L + balance.text().length()), balance).run();
        }
    }

    @ParameterizedTest
    @EnumSource
    void isTheSameForTheSameSeed(Balance balance) {
        assertThat(new Schedule(new Random(7), balance).run())
                .isEqualTo(new Schedule(new Random(7), balance).run());
    }

    private static final class Schedule {
        private static final int STEPS = 3000;
        private static final int PER_SERVER = 3;

        private final Random random;
        private final Dispatcher<Integer> dispatcher;
        private final List<Ticket<Integer>> running = new ArrayList<>();
        private final ArrayDeque<Ticket<Integer>> waiting = new ArrayDeque<>();
        private final Map<String, ServerAdmin> admins = new HashMap<>();
        private final StringBuilder trace = new StringBuilder();
        private List<ServerView> views = List.of();
        private long now = SECOND;
        private int next;

        Schedule(Random random, Balance balance) {
            this.random = random;
            ServiceSpec spec =
                    limited(20, PER_SERVER)
                            .withBalance(balance)
                            .withClosing(new ServiceSpec.Closing(true, false));
            this.dispatcher = new Dispatcher<>(spec, random::nextLong, now);
        }

        String run() {
            for (int i = 0; i < STEPS; i++) {
                now += random.nextInt(1000) * 1_000_000L;
                switch (random.nextInt(10)) {
                    case 0 -> change();
                    case 1, 2, 3 -> end();
                    case 4 -> leaveQueue();
                    case 5 -> fail();
                    default -> arrive();
                }
                check();
            }
            return trace.toString();
        }

        private void arrive() {
            Ticket<Integer> ticket = new Ticket<>(next++, random.nextInt());
            switch (dispatcher.offer(ticket, now)) {
                case GO -> {
                    assertThat(waiting).as("nobody is overtaken").isEmpty();
                    start(ticket);
                }
                case WAIT -> waiting.addLast(ticket);
                case REFUSED -> assertThat(waiting).hasSize(20);
            }
        }

        private void start(Ticket<Integer> ticket) {
            ServerSlot slot = ticket.slot();
            assertThat(slot).isNotNull();
            if (slot != null) {
                assertThat(slot.condition()).isNotEqualTo(Condition.DOWN);
                assertThat(slot.admin().state()).isEqualTo(AdminState.READY);
                assertThat(slot.current()).isLessThanOrEqualTo(PER_SERVER);
                trace.append(ticket.session()).append('@').append(slot.name()).append(' ');
            }
            running.add(ticket);
        }

        private void started(List<Ticket<Integer>> tickets) {
            for (Ticket<Integer> ticket : tickets) {
                assertThat(waiting.pollFirst()).as("first come, first served").isSameAs(ticket);
                start(ticket);
            }
        }

        private void end() {
            if (!running.isEmpty()) {
                Ticket<Integer> ticket = running.remove(random.nextInt(running.size()));
                started(dispatcher.release(ticket, now));
                assertThat(dispatcher.release(ticket, now)).isEmpty();
            }
        }

        private void leaveQueue() {
            if (!waiting.isEmpty() && random.nextBoolean()) {
                assertThat(dispatcher.release(waiting.removeLast(), now)).isEmpty();
            }
            for (Ticket<Integer> late : dispatcher.expire(now)) {
                assertThat(waiting.pollFirst()).isSameAs(late);
            }
        }

        private void fail() {
            if (running.isEmpty()) {
                return;
            }
            Ticket<Integer> ticket = running.get(random.nextInt(running.size()));
            if (!dispatcher.redispatch(ticket, now) && !dispatcher.mayRetry(ticket)) {
                running.remove(ticket);
                waiting.addFirst(ticket);
                started(dispatcher.giveBack(ticket, now));
            }
        }

        private void change() {
            List<ServerView> changed = new ArrayList<>();
            for (String name : List.of("a", "b", "c", "d")) {
                if (random.nextInt(8) > 0) {
                    Condition condition = List.of(Condition.values()).get(random.nextInt(3));
                    changed.add(
                            random.nextBoolean()
                                    ? server(name, condition)
                                    : backup(name, condition));
                }
                AdminState state =
                        List.of(AdminState.values()).get(Math.max(0, random.nextInt(6) - 3));
                admins.put(name, ServerAdmin.NONE.withState(state));
            }
            views = List.copyOf(changed);
            Changes<Integer> changes =
                    dispatcher.update(
                            views, name -> admins.getOrDefault(name, ServerAdmin.NONE), now);
            started(changes.started());
            for (Changes.Closing closing : changes.closing()) {
                for (Ticket<Integer> ticket : List.copyOf(running)) {
                    if (ticket.slot() == closing.server()) {
                        running.remove(ticket);
                        started(dispatcher.release(ticket, now));
                    }
                }
            }
        }

        private void check() {
            assertThat(dispatcher.queued()).isEqualTo(waiting.size());
            for (ServerSlot slot : dispatcher.servers()) {
                long held = running.stream().filter(one -> one.slot() == slot).count();
                assertThat(slot.current()).isEqualTo((int) held);
            }
            assertThat(views)
                    .extracting(ServerView::name)
                    .containsExactlyInAnyOrderElementsOf(
                            dispatcher.servers().stream().map(ServerSlot::name).toList());
        }
    }
}
