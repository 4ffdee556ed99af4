package io.pgnode.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.os.Command;
import io.pgnode.postgres.core.ControlData;
import io.pgnode.postgres.core.ControlParser;
import io.pgnode.postgres.core.ControlText;
import io.pgnode.testing.RealPostgres;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class ControlFileTest {
    private static final int CRC_AT_18 = 292;

    @Test
    void agreesWithPgControldataInEveryField() throws Exception {
        try (RealPostgres pg = RealPostgres.create("control").bootstrap()) {
            assertThat(parsed(pg)).isEqualTo(printed(pg));
            pg.sql("CREATE TABLE t AS SELECT 1");
            pg.instance().stop(StopMode.FAST, Duration.ofSeconds(20));
            ControlData stopped = parsed(pg);
            assertThat(stopped).isEqualTo(printed(pg));
            assertThat(stopped.isCleanlyShutDown()).isTrue();
            assertThat(stopped.canRewind()).isTrue();
            assertThat(stopped.walSegmentSize()).isEqualTo(16 << 20);
            pg.startStandbyOf(null);
            assertThat(parsed(pg)).isEqualTo(printed(pg));
            assertThat(parsed(pg).wasInRecovery()).isTrue();
            asVersion18(pg, stopped);
        }
    }

    /** PostgreSQL 18 adds one field behind those that we read, and moves the checksum. */
    private static void asVersion18(RealPostgres pg, ControlData expected) throws Exception {
        Path file = pg.settings().dataDir().resolve("global/pg_control");
        ControlData current = parsed(pg);
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        buffer.putInt(8, 1800);
        CRC32C crc = new CRC32C();
        crc.update(Arrays.copyOf(bytes, CRC_AT_18));
        buffer.putInt(CRC_AT_18, (int) crc.getValue());
        ControlData as18 = ControlParser.parse(bytes);
        assertThat(as18.controlVersion()).isEqualTo(1800);
        assertThat(as18.systemId()).isEqualTo(expected.systemId());
        assertThat(as18.checkpoint()).isEqualTo(current.checkpoint());
        assertThat(as18.checksumVersion()).isEqualTo(current.checksumVersion());
    }

    private static ControlData parsed(RealPostgres pg) throws PostgresException {
        return ControlFile.read(pg.settings().dataDir(), pg.settings().binDir());
    }

    private static ControlData printed(RealPostgres pg) throws Exception {
        String tool = pg.settings().binDir().resolve("pg_controldata").toString();
        return ControlText.parse(
                Command.of(tool, "-D", pg.settings().dataDir().toString())
                        .env("LC_ALL", "C")
                        .run()
                        .out());
    }
}
