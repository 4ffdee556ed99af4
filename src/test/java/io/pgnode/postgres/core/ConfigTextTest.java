package io.pgnode.postgres.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigTextTest {
    @Test
    void generatedFileIncludesTheBaseAndQuotesValues() {
        Map<String, String> recovery = new LinkedHashMap<>();
        recovery.put("primary_conninfo", "host=a passfile='/x y'");
        String text =
                ConfigText.postgresqlConf(
                        "postgresql.base.conf", Map.of("b", "it's", "a", "c:\\x"), recovery);
        assertThat(text)
                .isEqualTo(
                        ConfigText.HEADER
                                + "\n# Parameters belong into the cluster's or the member's"
                                + " configuration.\ninclude 'postgresql.base.conf'\n\na ="
                                + " 'c:\\\\x'\nb = 'it''s'\n\n# Managed by"
                                + " pgnode\nprimary_conninfo = 'host=a passfile=''/x y'''\n");
        assertThat(ConfigText.isOurs(text)).isTrue();
        assertThat(ConfigText.settings(text))
                .containsEntry("a", "c:\\x")
                .containsEntry("b", "it's")
                .containsEntry("primary_conninfo", "host=a passfile='/x y'")
                .hasSize(3);
    }

    @Test
    void valueCannotSmuggleALine() {
        assertThatThrownBy(
                        () -> ConfigText.postgresqlConf("x", Map.of("a", "1'\nb = '2"), Map.of()))
                .hasMessageContaining("must be one line");
        assertThatThrownBy(() -> ConfigText.postgresqlConf("x", Map.of("a b", "1"), Map.of()))
                .hasMessageContaining("bad parameter name");
    }

    @Test
    void recoverySettingsLeaveAutoConf() {
        assertThat(
                        ConfigText.withoutRecovery(
                                "# comment\nwork_mem = '4MB'\nPrimary_ConnInfo = 'host=old'\n"
                                        + "recovery_target_lsn='0/1'\n"))
                .isEqualTo("# comment\nwork_mem = '4MB'\n");
    }

    @Test
    void readsUnquotedSettingsWithComments() {
        assertThat(ConfigText.settings("port = 5432 # here\n#x=1\nssl on\ninclude 'a'\n"))
                .containsExactly(Map.entry("port", "5432"), Map.entry("ssl", "on"));
    }

    @Test
    void defaultAccessUsesPeerOnlyForTheOwner() {
        assertThat(HbaDefaults.lines("postgres", "postgres", true, "repl", true).getFirst())
                .isEqualTo("local all \"postgres\" peer");
        assertThat(HbaDefaults.lines("alice", "postgres", true, "repl", true).getFirst())
                .isEqualTo("local all \"postgres\" scram-sha-256");
        List<String> open = HbaDefaults.lines("alice", "alice", false, "re\"pl", false);
        assertThat(open).contains("host replication \"re\"\"pl\" samehost trust");
        assertThat(open).noneMatch(line -> line.contains(" all trust"));
    }
}
