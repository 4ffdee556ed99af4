package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ParentWatchTest {
    private static final Duration SHORT = Duration.ofMillis(20);

    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

    private ParentWatch watch(AtomicBoolean parent, Duration grace) {
        return new ParentWatch(
                parent::get, () -> said.add("stop"), () -> said.add("end"), SHORT, grace);
    }

    @Test
    void whatDoesNotStopIsEnded() throws Exception {
        AtomicBoolean parent = new AtomicBoolean(true);
        watch(parent, SHORT).begin();
        assertThat(said.poll(100, TimeUnit.MILLISECONDS)).isNull();

        parent.set(false);

        assertThat(List.of(next(), next())).containsExactly("stop", "end");
    }

    @Test
    void nothingBeginsWithoutTheParent() {
        assertThatThrownBy(() -> watch(new AtomicBoolean(false), SHORT).begin())
                .isInstanceOfSatisfying(
                        BackupException.class,
                        e -> assertThat(e.exit()).isEqualTo(BackrestExit.TERMINATED));
        assertThat(said).isEmpty();
    }

    @Test
    void anotherProcessIsNotTheParent() throws Exception {
        long parent = ProcessHandle.current().parent().orElseThrow().pid();
        ParentWatch.of(parent, () -> said.add("stop")).begin();

        assertThatThrownBy(() -> ParentWatch.of(parent + 1, () -> {}).begin())
                .isInstanceOf(BackupException.class);
        assertThat(said).isEmpty();
    }

    private String next() throws InterruptedException {
        String word = said.poll(20, TimeUnit.SECONDS);
        return word == null ? "nothing" : word;
    }
}
