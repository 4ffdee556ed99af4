package io.pgnode.backup.restore.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.pgnode.model.Lsn;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestoreTargetTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2026-11-21 12:34:56|2026-11-21T11:34:56Z",
                "2026-11-21 12:34:56.789012+00|2026-11-21T12:34:56.789012Z",
                "2026-11-21T12:34:56Z|2026-11-21T12:34:56Z",
                "2026-11-21 12:34:56 -0330|2026-11-21T16:04:56Z",
                "2026-11-21 12:34:56+05:30|2026-11-21T07:04:56Z",
            })
    void readsTimesInTheirZoneOrOurs(String text, Instant expected) {
        RestoreTarget target = RestoreTarget.parse("time", text, false, ZoneId.of("Europe/Berlin"));

        assertThat(target).isEqualTo(new RestoreTarget.Time(expected, true));
    }

    @Test
    void timesKeepTheirMicroseconds() {
        var time = new RestoreTarget.Time(Instant.parse("2026-11-21T12:34:56.000789Z"), true);

        assertThat(time.text()).isEqualTo("2026-11-21 12:34:56.000789+00");
    }

    @Test
    void readsTheOtherTypes() {
        assertThat(parse("default", null)).isEqualTo(new RestoreTarget.End());
        assertThat(parse("immediate", null)).isEqualTo(new RestoreTarget.Immediate());
        assertThat(parse("xid", "18446744073709551615")).isEqualTo(new RestoreTarget.Xid(-1, true));
        assertThat(parse("lsn", "1/AB"))
                .isEqualTo(new RestoreTarget.Position(Lsn.parse("1/AB"), true));
        assertThat(parse("name", "before")).isEqualTo(new RestoreTarget.Name("before"));
    }

    @ParameterizedTest
    @CsvSource({
        "default,x",
        "time,",
        "time,2026-02-30 00:00:00",
        "time,yesterday",
        "xid,-1",
        "lsn,12",
        "name,",
        "never,"
    })
    void refusesWhatDoesNotFit(String type, String target) {
        assertThatIllegalArgumentException().isThrownBy(() -> parse(type, target));
    }

    @Test
    void timelinesAreNamesOrNumbers() {
        assertThat(TargetTimeline.parse("latest")).isEqualTo(new TargetTimeline.Latest());
        assertThat(TargetTimeline.parse("0x1F")).isEqualTo(new TargetTimeline.Numbered(31));
        assertThatIllegalArgumentException().isThrownBy(() -> TargetTimeline.parse("0"));
    }

    private static RestoreTarget parse(
            String type, @org.jspecify.annotations.Nullable String target) {
        return RestoreTarget.parse(type, target, false, ZoneOffset.UTC);
    }
}
