package io.pgnode.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.config.HaConfig.WatchdogConfig.Mode;
import io.pgnode.os.WatchdogDevice;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatchdogGuardTest {
    private final List<String> calls = new ArrayList<>();
    private Duration timeout = Duration.ofSeconds(5);
    private Duration shortest = Duration.ofSeconds(1);

    private final WatchdogDevice device =
            new WatchdogDevice() {
                private boolean armed;

                @Override
                public Duration arm(Duration wanted) {
                    calls.add("arm " + wanted.toSeconds());
                    armed = true;
                    return wanted.compareTo(shortest) < 0 ? shortest : wanted;
                }

                @Override
                public void feed() throws IOException {
                    calls.add("feed");
                }

                @Override
                public void disarm() {
                    calls.add("disarm");
                    armed = false;
                }

                @Override
                public boolean isArmed() {
                    return armed;
                }
            };

    private static final Guard NO_GUARD =
            new Guard() {
                @Override
                public void lead(long epoch, long deadlineNanos) {}

                @Override
                public void extend(long epoch, long deadlineNanos) {}

                @Override
                public void release(long epoch) {}
            };

    @Test
    void isFedAtEachRenewalAndEndsWithTheLead() {
        WatchdogGuard guard = guard(Mode.AUTOMATIC);
        guard.lead(1, 100);
        guard.extend(1, 200);
        guard.release(1);
        guard.extend(1, 300);
        assertThat(calls).containsExactly("arm 5", "feed", "disarm");
    }

    @Test
    void followsALeaseThatIsChangedWhileItIsHeld() {
        WatchdogGuard guard = guard(Mode.AUTOMATIC);
        guard.lead(1, 100);
        timeout = Duration.ofSeconds(25);
        guard.extend(1, 200);
        guard.extend(1, 300);
        assertThat(calls).containsExactly("arm 5", "arm 25", "feed");
    }

    @Test
    void aRequiredOneThatCannotBeSetSoShortForbidsToLead() {
        shortest = Duration.ofSeconds(30);
        WatchdogGuard guard = guard(Mode.REQUIRED);
        guard.tryOut();
        assertThat(guard.hasFailed()).isTrue();
        assertThat(calls).containsExactly("arm 5", "disarm");
    }

    @Test
    void isLeftAloneWhenItIsOff() {
        WatchdogGuard guard = guard(Mode.OFF);
        guard.tryOut();
        guard.lead(1, 100);
        guard.extend(1, 200);
        guard.release(1);
        assertThat(calls).isEmpty();
    }

    private WatchdogGuard guard(Mode mode) {
        return new WatchdogGuard(NO_GUARD, device, mode, () -> timeout);
    }
}
