package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptionValuesTest {
    private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");

    @Test
    void readsTimesWithAndWithoutOffset() {
        assertThat(Schedule.parse(null, NOW)).isNull();
        assertThat(Schedule.parse("now", NOW)).isNull();
        assertThat(Schedule.parse("2026-11-21T10:00:00+02:00", NOW))
                .hasToString("2026-11-21T08:00:00Z");
        assertThat(Schedule.parse("2999-01-01 10:00", NOW)).isNotNull();
    }

    @Test
    void refusesTimesThatHavePassedOrAreNone() {
        assertThatThrownBy(() -> Schedule.parse("2026-11-20T09:59:59Z", NOW))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("has passed");
        assertThatThrownBy(() -> Schedule.parse("tomorrow", NOW))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("must be a time like");
    }

    @Test
    void readsDurations() {
        assertThat(Seconds.parse("--timeout", "30")).isEqualTo(Duration.ofSeconds(30));
        assertThat(Seconds.parse("--timeout", "5m")).isEqualTo(Duration.ofMinutes(5));
        assertThat(Seconds.parse("--timeout", "1h")).isEqualTo(Duration.ofHours(1));
        assertThatThrownBy(() -> Seconds.parse("--timeout", "0"))
                .hasMessageContaining("--timeout is \"0\"");
        assertThatThrownBy(() -> Seconds.parse("--timeout", "5x")).isNotNull();
    }

    @Test
    void choosesColoursAsTheTerminalAndTheUserWant() {
        Terminal screen = new Terminal(true, true, true, Map.of("COLUMNS", "80"));
        assertThat(screen.colourOnOutput(ColorMode.auto)).isTrue();
        assertThat(screen.colourOnOutput(ColorMode.never)).isFalse();
        assertThat(screen.look(ColorMode.auto).width()).isEqualTo(80);

        assertThat(
                        new Terminal(true, true, true, Map.of("NO_COLOR", "1"))
                                .colourOnOutput(ColorMode.auto))
                .isFalse();
        Terminal pipe = new Terminal(true, false, true, Map.of());
        assertThat(pipe.colourOnOutput(ColorMode.auto)).isFalse();
        assertThat(pipe.colourOnOutput(ColorMode.always)).isTrue();
        assertThat(pipe.look(ColorMode.auto).boxed()).isFalse();
    }

    @Test
    void drawsWithUnicodeWhereTheLocaleHasIt() {
        Map<String, String> base = Map.of("COLUMNS", "80", "LANG", "en_US.UTF-8");
        assertThat(new Terminal(true, true, true, base).look(ColorMode.auto).unicode()).isTrue();
        assertThat(
                        new Terminal(true, true, true, Map.of("COLUMNS", "80", "LC_ALL", "C"))
                                .look(ColorMode.auto)
                                .unicode())
                .isFalse();
    }
}
