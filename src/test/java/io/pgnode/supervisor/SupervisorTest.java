package io.pgnode.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.guard.RunFiles;
import io.pgnode.guard.ScratchPostgres;
import io.pgnode.os.BootClock;
import io.pgnode.os.Command;
import io.pgnode.os.CommandResult;
import io.pgnode.os.DatagramReceiver;
import io.pgnode.os.JavaProcess;
import io.pgnode.os.PidFd;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.RunLock;
import io.pgnode.os.Signal;
import io.pgnode.os.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes: a supervisor, an agent that only keeps its lease, PostgreSQL. */
class SupervisorTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long MILLI = 1_000_000;

    /**
     * From the deadline to the end of the postmaster; an idle machine takes 60 ms, one with thirty
     * processes per processor half a second.
     */
    private static final long MAX_DELAY_NANOS = 1_500 * MILLI;

    @TempDir static Path postgresDirectory;
    private static ScratchPostgres postgres;

    @TempDir Path runDir;
    private final BootClock clock = new BootClock();
    private final List<Process> supervisors = new ArrayList<>();

    /** What systemd was told. */
    private final List<String> told = new CopyOnWriteArrayList<>();

    private Thread systemd;
    private ProcessIdentity agent;

    @BeforeAll
    static void createPostgres() throws Exception {
        postgres = new ScratchPostgres(postgresDirectory);
    }

    @AfterAll
    static void removePostgres() {
        postgres.close();
    }

    @BeforeEach
    void start() throws Exception {
        DatagramReceiver receiver = new DatagramReceiver(runDir.resolve("notify").toString());
        systemd = Thread.ofPlatform().daemon(true).start(() -> listen(receiver));
        postgres.start();
        startSupervisor();
        agent = awaitAgent();
    }

    @AfterEach
    void stop() throws Exception {
        for (Process supervisor : supervisors) {
            supervisor.destroyForcibly().waitFor();
        }
        for (ProcessIdentity left : RunLock.holder(files().agentLock()).stream().toList()) {
            Signals.send(left, Signal.KILL);
        }
        systemd.interrupt();
        systemd.join();
    }

    private void listen(DatagramReceiver receiver) {
        try (receiver) {
            while (!Thread.currentThread().isInterrupted()) {
                String message = receiver.receive(50);
                if (!message.isEmpty()) {
                    told.add(message);
                }
            }
        }
    }

    @Test
    void aKilledAgentIsBackAtOnceAndTheLeaseGoesOn() throws Exception {
        lead(7, 10_000);

        Signals.send(agent, Signal.KILL);

        ProcessIdentity next = awaitOther(agent);
        awaitText("connected", "ARMED 7");
        assertThat(next.isAlive()).isTrue();
        assertThat(postgres.postmaster().isAlive()).isTrue();
    }

    @Test
    void aKilledAgentThatDoesNotLeadAgainLosesPostgresAtItsDeadline() throws Exception {
        lead(7, 2_000);
        CompletableFuture<Long> end = endOfPostgres();
        long deadline = stopAgent();
        Files.delete(runDir.resolve("lease"));
        Signals.send(agent, Signal.KILL);

        assertDiesAt(end, deadline);

        awaitText("fenced", "7 ");
    }

    @Test
    void aStoppedAgentLosesPostgresAtItsDeadlineAndNotBefore() throws Exception {
        lead(7, 1_500);
        CompletableFuture<Long> end = endOfPostgres();

        long deadline = stopAgent();

        assertDiesAt(end, deadline);
        assertThat(postgres.processes()).isEmpty();
        assertThat(agent.isAlive()).isTrue();
        Signals.send(agent, Signal.CONT);
        awaitText("fenced", "7 ");
    }

    @Test
    void aSupervisorThatSleptOverTheDeadlineSeesTheExtensionsFirst() throws Exception {
        lead(7, 1_000);
        ProcessIdentity supervisor = identity(supervisors.getFirst());

        Signals.send(supervisor, Signal.STOP);
        long stoppedAt = clock.getAsLong();
        await().atMost(LIMIT).until(() -> deadline() > stoppedAt + 2_500 * MILLI);
        Signals.send(supervisor, Signal.CONT);

        long continuedAt = clock.getAsLong();
        await().atMost(LIMIT).until(() -> deadline() > continuedAt + 1_500 * MILLI);
        assertThat(postgres.postmaster().isAlive()).isTrue();
        assertThat(runDir.resolve("fenced")).doesNotExist();
    }

    @Test
    void aKilledSupervisorLeavesTheAgentToTheNextOne() throws Exception {
        lead(7, 10_000);
        await().atMost(LIMIT).until(() -> told.contains("READY=1"));
        told.clear();
        supervisors.getFirst().destroyForcibly().waitFor();
        assertThat(agent.isAlive()).isTrue();
        Files.delete(runDir.resolve("connected"));

        startSupervisor();

        awaitText("connected", "IDLE 0");
        await().atMost(LIMIT).until(() -> told.contains("READY=1"));
        assertThat(RunLock.holder(files().agentLock())).contains(agent);
        // The new one notices the end of an agent that is not its child.
        Signals.send(agent, Signal.KILL);
        awaitOther(agent);
        assertThat(postgres.postmaster().isAlive()).isTrue();
    }

    @Test
    void aStoppedAgentIsWaitedForNotDoubledAndReplacedWhenItDies() throws Exception {
        supervisors.getFirst().destroyForcibly().waitFor();
        Signals.send(agent, Signal.STOP);

        startSupervisor();

        awaitText("log", "agent has not connected pid=" + agent.pid() + " stopped=true");
        assertThat(RunLock.holder(files().agentLock())).contains(agent);
        Signals.send(agent, Signal.KILL);
        awaitOther(agent);
    }

    @Test
    void aSecondSupervisorSaysWhoHasTheDirectory() throws Exception {
        CommandResult second = Command.of(supervisorCommand()).deadline(LIMIT).run();

        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.err())
                .contains(
                        "another supervisor (process "
                                + supervisors.getFirst().pid()
                                + ") runs in "
                                + runDir)
                .contains("HINT: ");
        assertThat(agent.isAlive()).isTrue();
    }

    @Test
    void stopsTheAgentWhichReleasesTheLease() throws Exception {
        lead(7, 10_000);

        Signals.send(supervisors.getFirst().pid(), Signal.TERM);

        assertThat(supervisors.getFirst().waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(supervisors.getFirst().exitValue()).isZero();
        assertThat(agent.isAlive()).isFalse();
        assertThat(postgres.postmaster().isAlive()).isTrue();
        assertThat(told).contains("READY=1", "WATCHDOG=1", "STOPPING=1");
    }

    @Test
    void passesAReloadOn() throws Exception {
        assumeThat(JavaProcess.ignores(Signal.HUP)).isFalse();

        Signals.send(supervisors.getFirst().pid(), Signal.HUP);

        awaitText("reloaded", "yes");
    }

    @Test
    void aChildIsReplacedByItsSuccessorOnceThatHasItsLock() throws Exception {
        supervisors.getFirst().destroyForcibly().waitFor();
        startSupervisor("gateway");
        ProcessIdentity first = awaitGateway();

        Files.createFile(runDir.resolve("refused"));
        Signals.send(identity(supervisors.getLast()), Signal.USR2);
        awaitText("log", "successor ended child=gateway");
        assertThat(RunLock.holder(files().gatewayLock())).contains(first);

        Files.delete(runDir.resolve("refused"));
        Signals.send(identity(supervisors.getLast()), Signal.USR2);
        awaitText("log", "child replaced child=gateway");
        ProcessIdentity second = awaitGateway();
        assertThat(second).isNotEqualTo(first);
        assertThat(first.isAlive()).isTrue();

        Files.createFile(runDir.resolve("leave"));
        awaitText("log", "child before ended child=gateway pid=" + first.pid());
        Files.delete(runDir.resolve("leave"));
        assertThat(RunLock.holder(files().gatewayLock())).contains(second);
        Signals.send(identity(supervisors.getLast()), Signal.TERM);
        await().atMost(LIMIT).until(() -> !second.isAlive());
    }

    private ProcessIdentity awaitGateway() {
        await().atMost(LIMIT).until(() -> RunLock.holder(files().gatewayLock()).isPresent());
        return RunLock.holder(files().gatewayLock()).orElseThrow();
    }

    private void assertDiesAt(CompletableFuture<Long> end, long deadline) throws Exception {
        long late = end.get(20, TimeUnit.SECONDS) - deadline;
        assertThat(late).isBetween(0L, MAX_DELAY_NANOS);
    }

    /** When the postmaster was gone, on the boot-time clock. */
    private CompletableFuture<Long> endOfPostgres() {
        CompletableFuture<Long> end = new CompletableFuture<>();
        PidFd.onExit(postgres.postmaster(), () -> end.complete(clock.getAsLong()));
        return end;
    }

    private void lead(long epoch, long ttlMillis) throws IOException {
        Path lease = runDir.resolve("lease.new");
        Files.writeString(lease, epoch + " " + ttlMillis + " " + postgres.postmaster());
        Files.move(lease, runDir.resolve("lease"));
        await().atMost(LIMIT).until(() -> Files.exists(runDir.resolve("settled")));
    }

    /** The last one that the agent gave, or is about to. */
    private long deadline() throws IOException {
        return Long.parseLong(Files.readString(runDir.resolve("deadline")));
    }

    /** Stops the agent while the guard has its last deadline, which is returned. */
    private long stopAgent() throws IOException {
        await().atMost(LIMIT)
                .pollInterval(Duration.ofMillis(30))
                .until(
                        () -> {
                            Signals.send(agent, Signal.STOP);
                            String settled = Files.readString(runDir.resolve("settled"));
                            if (settled.equals(Long.toString(deadline()))) {
                                return true;
                            }
                            Signals.send(agent, Signal.CONT);
                            return false;
                        });
        return deadline();
    }

    private RunFiles files() {
        return new RunFiles(runDir);
    }

    private void startSupervisor(String... more) throws IOException {
        List<String> command = supervisorCommand();
        command.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("NOTIFY_SOCKET", runDir.resolve("notify").toString());
        builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(runDir.resolve("log").toFile()));
        supervisors.add(builder.start());
    }

    private List<String> supervisorCommand() {
        List<String> command = new ArrayList<>(JavaProcess.command(SupervisorMain.class));
        command.add(runDir.toString());
        return command;
    }

    private ProcessIdentity awaitAgent() {
        await().atMost(LIMIT).until(() -> Files.exists(runDir.resolve("connected")));
        return RunLock.holder(files().agentLock()).orElseThrow();
    }

    private ProcessIdentity awaitOther(ProcessIdentity old) {
        await().atMost(LIMIT)
                .until(
                        () ->
                                RunLock.holder(files().agentLock())
                                        .filter(holder -> !holder.equals(old))
                                        .isPresent());
        return RunLock.holder(files().agentLock()).orElseThrow();
    }

    private void awaitText(String name, String part) {
        await().atMost(LIMIT)
                .ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(
                        () -> assertThat(Files.readString(runDir.resolve(name))).contains(part));
    }

    private static ProcessIdentity identity(Process process) {
        return ProcessIdentity.of(process.pid()).orElseThrow();
    }
}
