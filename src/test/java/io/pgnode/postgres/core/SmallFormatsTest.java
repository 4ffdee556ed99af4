package io.pgnode.postgres.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.wire.ScramSecret;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmallFormatsTest {
    @Test
    void pidFileIsReadLineByLineAndWhileHalfWritten() {
        String text = "4711\n/data\n1700000000\n5432\n/run\n*\n 12 34\nready   \n";
        assertThat(PidFile.parse(text))
                .contains(new PidFile(4711, "/data", 1_700_000_000, 5432, "ready"));
        assertThat(PidFile.parse("4711\n").orElseThrow().isReady()).isFalse();
        assertThat(PidFile.parse("")).isEmpty();
        assertThat(PidFile.parse("not a pid\n")).isEmpty();
    }

    @Test
    void connectionStringQuotesAndReadsBack() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("host", "10.0.0.1");
        values.put("user", "o'neil\\x y");
        values.put("options", "");
        String text = new ConnInfo(values).toString();
        assertThat(text).isEqualTo("host=10.0.0.1 user='o\\'neil\\\\x y' options=''");
        values.forEach((key, value) -> assertThat(ConnInfo.valueOf(text, key)).isEqualTo(value));
        assertThat(ConnInfo.valueOf(text, "port")).isEmpty();
        assertThatThrownBy(() -> new ConnInfo(Map.of("password", "x")))
                .hasMessageNotContaining("x=");
    }

    @Test
    void progressLinesOfBothTools() {
        assertThat(BackupProgress.parse("  1024/4096 kB (25%), 0/1 tablespace"))
                .contains(new BackupProgress(1 << 20, 4 << 20));
        assertThat(BackupProgress.parse("1024/4096 kB (25%) copied"))
                .contains(new BackupProgress(1 << 20, 4 << 20));
        assertThat(BackupProgress.parse("pg_basebackup: error")).isEmpty();
    }

    @Test
    void historyFileWithCommentsAndReasons() {
        HistoryFile history = HistoryFile.parse("# note\n1\t0/5000000\tbefore 2000-01-01\n");
        assertThat(history.lines()).hasSize(1);
        assertThat(history.lines().getFirst().reason()).isEqualTo("before 2000-01-01");
        assertThat(HistoryFile.name(10)).isEqualTo("0000000A.history");
        assertThatThrownBy(() -> HistoryFile.parse("x\n")).hasMessageContaining("bad timeline");
    }

    /** RFC 7677's example: user "pencil", salt W22ZaJ0SNY7soEsUEjb6gQ==, 4096 rounds. */
    @Test
    void scramVerifierOfTheStandardsExample() {
        byte[] salt = java.util.Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
        assertThat(ScramSecret.of("pencil", salt, ScramSecret.DEFAULT_ITERATIONS).format())
                .isEqualTo(
                        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
                                + "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
                                + "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 14, 15, 16, 17, 18})
    void probeAsksForThePauseStateAsEachVersionKnowsIt(int major) {
        String sql = ProbeSql.probe(major);
        if (major < 14) {
            assertThat(sql).contains("pg_is_wal_replay_paused()").doesNotContain("pause_state");
        } else {
            assertThat(sql).contains("pg_get_wal_replay_pause_state()");
        }
        assertThat(sql.split(";", -1)).hasSize(3);
    }

    @Test
    void controlFileWithAFlippedBitOrAnUnknownFormatIsRefused() {
        byte[] zeros = new byte[512];
        assertThatThrownBy(() -> ControlParser.parse(zeros))
                .isInstanceOfSatisfying(
                        ControlParser.MalformedControlException.class,
                        e -> assertThat(e.isUnknownFormat()).isTrue());
        byte[] wrong = new byte[512];
        java.nio.ByteBuffer.wrap(wrong).order(java.nio.ByteOrder.nativeOrder()).putInt(8, 1800);
        assertThatThrownBy(() -> ControlParser.parse(wrong)).hasMessageContaining("checksum");
        assertThatThrownBy(() -> ControlParser.parse("short".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("too few");
    }
}
