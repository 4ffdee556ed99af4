package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandTest {
    @TempDir Path directory;

    @Test
    void givesInputEnvironmentAndDirectoryAndCapturesBothStreams() throws Exception {
        CommandResult result =
                Command.of(
                                "sh",
                                "-c",
                                "cat; echo $SECRET; pwd; echo ${GONE-unset}; echo bad >&2; exit 3")
                        .env("SECRET", "s3")
                        .env("GONE", "x")
                        .withoutEnv("GONE")
                        .directory(directory)
                        .stdin("in\n".getBytes(StandardCharsets.UTF_8))
                        .run();

        assertThat(result.out()).isEqualTo("in\ns3\n" + directory + "\nunset\n");
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.explain()).isEqualTo("exit code 3: bad");
        assertThat(result.isSuccess()).isFalse();
    }

    @Test
    void killsTheWholeTreeAtTheDeadline() throws Exception {
        List<String> pids = new CopyOnWriteArrayList<>();

        CommandResult result =
                Command.of("sh", "-c", "trap '' TERM; sleep 20 & echo $!; echo $$; wait; wait")
                        .deadline(Duration.ofMillis(300))
                        .killGrace(Duration.ofMillis(100))
                        .onOutLine(pids::add)
                        .run();

        assertThat(result.timedOut()).isTrue();
        assertThat(result.elapsed()).isLessThan(Duration.ofSeconds(5));
        assertThat(pids).hasSize(2);
        await().until(
                        () ->
                                pids.stream()
                                        .allMatch(
                                                pid ->
                                                        ProcessIdentity.of(Long.parseLong(pid))
                                                                .isEmpty()));
    }

    @Test
    void anInterruptedWaiterLeavesNothingBehind() throws Exception {
        RunningCommand running = Command.of("sleep", "20").start();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread waiter =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        running.await();
                                    } catch (InterruptedException e) {
                                        thrown.set(e);
                                    }
                                });

        waiter.interrupt();
        waiter.join();

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        await().until(() -> !running.isRunning());
    }

    @Test
    void keepsOnlyTheEndOfLongOutput() throws Exception {
        CommandResult result = Command.of("seq", "1", "100000").captureBytes(13).run();

        assertThat(result.out()).isEqualTo("99999\n100000\n");
    }

    @Test
    void doesNotWaitForAGrandchildThatKeepsThePipes() throws Exception {
        CommandResult result = Command.of("sh", "-c", "sleep 3 & echo done").run();

        assertThat(result.out()).isEqualTo("done\n");
        assertThat(result.elapsed()).isLessThan(Duration.ofMillis(2500));
    }

    @Test
    void explainsSignals() throws Exception {
        CommandResult result = Command.of("sh", "-c", "kill -9 $$").run();

        assertThat(result.explain()).isEqualTo("killed by signal 9 (KILL)");
    }

    @Test
    void aMissingProgramIsAnError() {
        assertThatThrownBy(() -> Command.of(directory + "/nothing").run())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nothing");
    }
}
