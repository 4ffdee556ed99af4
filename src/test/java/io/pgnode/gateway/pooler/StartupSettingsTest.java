package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.gateway.pooler.ini.PoolerIni;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.Opening;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartupSettingsTest {
    private static StartupSettings of(PoolerIni.Startup rules, String... pairs) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", "u");
        parameters.put("database", "d");
        for (int i = 0; i < pairs.length; i += 2) {
            parameters.put(pairs[i], pairs[i + 1]);
        }
        return StartupSettings.of(new Opening.Login(0, parameters, List.of()), rules, "1.2.3.4:5");
    }

    private static PoolerIni.Startup ignoring(String... names) {
        TreeSet<String> ignored = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        ignored.addAll(List.of(names));
        TreeSet<String> tracked = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        tracked.add("IntervalStyle");
        return new PoolerIni.Startup(ignored, tracked, false);
    }

    @Test
    void everyParameterBecomesASetting() {
        StartupSettings settings =
                of(PoolerSetup.EVERY_PARAMETER, "extra_float_digits", "2", "my.own", "x");

        assertThat(settings.refusal()).isNull();
        assertThat(settings.values())
                .containsExactly(Map.entry("extra_float_digits", "2"), Map.entry("my.own", "x"));
    }

    @Test
    void ignoredOnesAreLeftOutUnlessTheyAreTracked() {
        StartupSettings settings =
                of(
                        ignoring("extra_float_digits", "timezone", "intervalstyle", "search_path"),
                        "extra_float_digits",
                        "2",
                        "TimeZone",
                        "UTC",
                        "IntervalStyle",
                        "iso_8601",
                        "options",
                        "-c search_path=a");

        assertThat(settings.values()).containsOnlyKeys("TimeZone", "IntervalStyle");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    -c a=1               | {a=1}
                    -c a=1 -cb=2 --c-d=3 | {a=1, b=2, c_d=3}
                    -c a=x\\ y           | {a=x y}
                    -c a=                | {a=}
                    """)
    void optionsAreReadAsTheServerDoes(String options, String expected) {
        assertThat(of(PoolerSetup.EVERY_PARAMETER, "options", options.replace("\\\\", "\\")))
                .extracting(settings -> settings.values().toString())
                .isEqualTo(expected);
    }

    @Test
    void aParameterOfItsOwnGoesBeforeOptions() {
        assertThat(of(PoolerSetup.EVERY_PARAMETER, "a", "own", "options", "-c a=opt").values())
                .isEqualTo(Map.of("a", "own"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-B 100", "-c", "-c novalue", "x", "--=1"})
    void otherOptionsAreRefused(String options) {
        ErrorMessage refusal = of(PoolerSetup.EVERY_PARAMETER, "options", options).refusal();

        assertThat(Objects.requireNonNull(refusal).message())
                .startsWith("unsupported startup parameter in options: ");
        assertThat(of(ignoring("options"), "options", options).refusal()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"true,true", "on,true", "1,true", "DATABASE,database", "false,''", "no,''"})
    void replicationIsOneOfTwoKindsOrNone(String value, String kind) {
        StartupSettings settings = of(PoolerSetup.EVERY_PARAMETER, "replication", value);

        assertThat(settings.refusal()).isNull();
        assertThat(settings.replication()).isEqualTo(kind);
        assertThat(settings.isPhysicalReplication()).isEqualTo(kind.equals("true"));
    }

    @Test
    void replicationOfNoKindIsRefused() {
        assertThat(of(PoolerSetup.EVERY_PARAMETER, "replication", "nonsense").refusal())
                .isNotNull();
    }

    @Test
    void theHostIsAddedToTheApplicationsName() {
        PoolerIni.Startup rules = new PoolerIni.Startup(new TreeSet<>(), new TreeSet<>(), true);

        assertThat(of(rules, "application_name", "psql").values())
                .isEqualTo(Map.of("application_name", "psql - 1.2.3.4:5"));
    }
}
