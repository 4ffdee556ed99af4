package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SignalHandlerTest {
    @Test
    void receivesAReloadSignalEachTime() throws Exception {
        assumeThat(JavaProcess.ignores(Signal.HUP)).isFalse();
        for (int i = 0; i < 2; i++) {
            CountDownLatch received = new CountDownLatch(1);
            SignalHandler.on(Signal.HUP, received::countDown);

            Signals.send(ProcessHandle.current().pid(), Signal.HUP);

            assertThat(received.await(5, TimeUnit.SECONDS)).isTrue();
        }
    }
}
