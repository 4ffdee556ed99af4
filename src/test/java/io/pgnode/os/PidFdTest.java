package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PidFdTest {
    private static final long MAX_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    @Test
    void tellsTheEndOfAProcessThatIsNotOurChild() throws Exception {
        ProcessIdentity orphan = startOrphan();
        CountDownLatch fired = new CountDownLatch(1);
        AtomicLong firedAt = new AtomicLong();
        try (PidFd watch =
                PidFd.onExit(
                        orphan,
                        () -> {
                            firedAt.set(System.nanoTime());
                            fired.countDown();
                        })) {
            assertThat(fired.await(100, TimeUnit.MILLISECONDS)).isFalse();

            long killedAt = System.nanoTime();
            Signals.send(orphan, Signal.KILL);

            assertThat(fired.await(5, TimeUnit.SECONDS)).isTrue();
            assertThat(firedAt.get() - killedAt).isLessThan(MAX_DELAY_NANOS);
            assertThat(orphan.isAlive()).isFalse();
            assertThat(watch).isNotNull();
        }
    }

    @Test
    void firesAtOnceForAnEndedProcess() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        CountDownLatch fired = new CountDownLatch(1);

        try (PidFd _ = PidFd.onExit(new ProcessIdentity(ended.pid(), 1), fired::countDown)) {
            assertThat(fired.await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aClosedWatchStaysSilent() throws Exception {
        Process process = new ProcessBuilder("sleep", "20").start();
        CountDownLatch fired = new CountDownLatch(1);
        PidFd watch =
                PidFd.onExit(ProcessIdentity.of(process.pid()).orElseThrow(), fired::countDown);

        watch.close();
        process.destroyForcibly().waitFor();

        assertThat(fired.await(200, TimeUnit.MILLISECONDS)).isFalse();
    }

    /** A process whose parent has ended. */
    private static ProcessIdentity startOrphan() throws IOException, InterruptedException {
        Process shell =
                new ProcessBuilder("sh", "-c", "sleep 20 >/dev/null 2>&1 & echo $!").start();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(shell.getInputStream(), StandardCharsets.UTF_8))) {
            long pid = Long.parseLong(out.readLine());
            shell.waitFor();
            return ProcessIdentity.of(pid).orElseThrow();
        }
    }
}
