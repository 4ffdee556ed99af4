package io.pgnode.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.guard.core.GuardMessage;
import io.pgnode.guard.core.GuardReply;
import io.pgnode.guard.core.GuardState;
import io.pgnode.os.BootClock;
import io.pgnode.os.Privileges;
import io.pgnode.os.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guard and agent's client in one process, over the real socket and the real clock. */
class GuardServerTest {
    private static final long SECOND = 1_000_000_000;

    /** A few milliseconds on an idle machine; this one may be busy. */
    private static final long MAX_DELAY_NANOS = SECOND / 4;

    private static final long FAR = 3600 * SECOND;

    @TempDir Path directory;
    private final BootClock clock = new BootClock();
    private final List<Long> fencedAt = new CopyOnWriteArrayList<>();
    private final AtomicReference<FenceReport.How> fenceResult =
            new AtomicReference<>(FenceReport.How.QUIT);
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final ProcessIdentity self = ProcessIdentity.self();
    private GuardServer server;
    private GuardClient client;

    @BeforeEach
    void start() throws IOException {
        server = newServer();
        client = newClient();
        await().until(client::isConnected);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void theSocketIsForItsOwnerOnly() throws IOException {
        assertThat(Privileges.mode(socket())).isEqualTo("rw-------");
    }

    @Test
    void armsExtendsAndReleases() throws Exception {
        long deadline = clock.getAsLong() + FAR;
        client.lead(7, deadline, self);

        assertThat(client.awaitGuarded(Duration.ofSeconds(5))).isTrue();
        assertThat(server.state())
                .isEqualTo(
                        new GuardState(
                                GuardState.Phase.ARMED,
                                7,
                                deadline,
                                self.pid(),
                                self.startTicks()));

        client.extend(7, deadline + 5);
        await().until(() -> server.state().deadlineNanos() == deadline + 5);

        client.release(7);
        await().until(() -> server.state().phase() == GuardState.Phase.IDLE);
        assertThat(client.isGuarded()).isFalse();
        assertThat(fencedAt).isEmpty();
    }

    @Test
    void fencesAtTheDeadlineAndNotBefore() {
        long deadline = clock.getAsLong() + SECOND / 3;
        client.lead(7, deadline, self);

        await().until(() -> !fencedAt.isEmpty());

        assertThat(fencedAt.getFirst() - deadline).isBetween(0L, MAX_DELAY_NANOS);
        await().untilAsserted(() -> assertThat(said).contains("fenced 7 QUIT"));
        assertThat(client.isGuarded()).isFalse();
    }

    @Test
    void theDeadlineStandsWhenTheAgentIsGone() {
        long deadline = clock.getAsLong() + SECOND;
        client.lead(7, deadline, self);
        await().until(() -> server.state().phase() == GuardState.Phase.ARMED);

        client.close();

        await().until(() -> !fencedAt.isEmpty());
        assertThat(fencedAt.getFirst()).isGreaterThanOrEqualTo(deadline);
        assertThat(heard).contains("disconnected " + self);
    }

    @Test
    void anAgentThatComesBackKeepsTheLease() throws Exception {
        client.lead(7, clock.getAsLong() + FAR, self);
        await().until(() -> server.state().phase() == GuardState.Phase.ARMED);
        client.close();

        client = newClient();
        await().until(client::isConnected);
        assertThat(client.guardState().orElseThrow().epoch()).isEqualTo(7);
        assertThat(server.state().phase()).isEqualTo(GuardState.Phase.ARMED);
        long deadline = clock.getAsLong() + FAR;
        client.lead(7, deadline, self);

        assertThat(client.awaitGuarded(Duration.ofSeconds(5))).isTrue();
        assertThat(server.state().deadlineNanos()).isEqualTo(deadline);
    }

    @Test
    void refusesTheFencedEpochUntilAHigherOneLeads() throws Exception {
        client.lead(7, clock.getAsLong(), self);
        await().until(() -> !fencedAt.isEmpty());

        client.lead(7, clock.getAsLong() + FAR, self);
        assertThat(client.awaitGuarded(Duration.ofMillis(200))).isFalse();
        client.lead(8, clock.getAsLong() + FAR, self);

        assertThat(client.awaitGuarded(Duration.ofSeconds(5))).isTrue();
        assertThat(fencedAt).hasSize(1);
    }

    @Test
    void tellsALaterAgentThatItFenced() {
        client.close();
        client = newClient();
        client.lead(7, clock.getAsLong(), self);
        await().until(() -> !fencedAt.isEmpty());
        client.close();
        said.clear();

        client = newClient();

        await().untilAsserted(
                        () ->
                                assertThat(said)
                                        .containsExactly("connected FENCED 7", "fenced 7 QUIT"));
    }

    @Test
    void triesAgainUntilNothingIsLeft() {
        fenceResult.set(FenceReport.How.INCOMPLETE);
        client.lead(7, clock.getAsLong(), self);
        await().until(() -> !fencedAt.isEmpty());

        fenceResult.set(FenceReport.How.KILLED);

        await().untilAsserted(() -> assertThat(heard).contains("fenced 7 KILLED"));
        assertThat(fencedAt).hasSizeGreaterThan(1);
    }

    @Test
    void aNewGuardLearnsTheStateAgain() throws Exception {
        long deadline = clock.getAsLong() + FAR;
        client.lead(7, deadline, self);
        client.ready();
        client.status("leader");
        assertThat(client.awaitGuarded(Duration.ofSeconds(5))).isTrue();
        server.close();
        await().until(() -> !client.isConnected());
        assertThat(client.isGuarded()).isFalse();
        heard.clear();

        server = newServer();

        assertThat(client.awaitGuarded(Duration.ofSeconds(5))).isTrue();
        assertThat(server.state().deadlineNanos()).isEqualTo(deadline);
        await().untilAsserted(() -> assertThat(heard).contains("READY", "STATUS leader"));
    }

    @Test
    void aReleaseInTheGuardsAbsenceIsNotLost() {
        client.lead(7, clock.getAsLong() + FAR, self);
        await().until(() -> server.state().phase() == GuardState.Phase.ARMED);
        client.release(7);
        await().until(() -> server.state().phase() == GuardState.Phase.IDLE);
        // A second client stands for the agent's next connection to a guard that is still armed.
        client.close();
        client = newClient();
        client.lead(8, clock.getAsLong() + FAR, self);
        await().until(() -> server.state().phase() == GuardState.Phase.ARMED);
        client.close();

        client = newClient();
        client.release(8);

        await().until(() -> server.state().phase() == GuardState.Phase.IDLE);
    }

    @Test
    void aNewAgentThatDoesNotLeadClearsWhatTheOldOneLeft() {
        client.lead(7, clock.getAsLong() + FAR, self);
        await().until(() -> server.state().phase() == GuardState.Phase.ARMED);
        client.close();
        client = newClient();
        await().until(client::isConnected);

        client.releaseLeftover();

        await().until(() -> server.state().phase() == GuardState.Phase.IDLE);
    }

    @Test
    void anAgentThatLeadsHasNoLeftovers() throws Exception {
        client.lead(7, clock.getAsLong() + FAR, self);
        assertThat(client.awaitGuarded(Duration.ofSeconds(5))).isTrue();

        client.releaseLeftover();

        assertThat(client.isGuarded()).isTrue();
    }

    @Test
    void forwardsWhatIsForSystemd() {
        client.ready();
        client.status("standby");
        client.watchdog();
        client.stopping();

        await().untilAsserted(
                        () ->
                                assertThat(heard)
                                        .contains(
                                                "READY", "STATUS standby", "WATCHDOG", "STOPPING"));
    }

    private Path socket() {
        return directory.resolve("guard.sock");
    }

    private GuardServer newServer() throws IOException {
        Fencer fencer =
                _ -> {
                    fencedAt.add(clock.getAsLong());
                    return new FenceReport(fenceResult.get(), Duration.ofMillis(1), List.of());
                };
        GuardServer created = new GuardServer(socket(), clock, fencer, new Heard());
        created.start();
        return created;
    }

    private GuardClient newClient() {
        try {
            GuardClient created = new GuardClient(socket(), clock, "test", new Said());
            created.start();
            return created;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private final class Heard implements GuardListener {
        @Override
        public void agentConnected(ProcessIdentity agent, String version) {
            heard.add("connected " + agent + " " + version);
        }

        @Override
        public void agentDisconnected(ProcessIdentity agent) {
            heard.add("disconnected " + agent);
        }

        @Override
        public void forSystemd(GuardMessage message) {
            heard.add(message.text());
        }

        @Override
        public void fenced(long epoch, FenceReport report) {
            heard.add("fenced " + epoch + " " + report.how());
        }
    }

    private final class Said implements GuardClientListener {
        @Override
        public void connected(GuardReply.State state) {
            said.add("connected " + state.phase() + " " + state.epoch());
        }

        @Override
        public void disconnected() {
            said.add("disconnected");
        }

        @Override
        public void fenced(GuardReply.Fenced fenced) {
            said.add("fenced " + fenced.epoch() + " " + fenced.how());
        }
    }
}
