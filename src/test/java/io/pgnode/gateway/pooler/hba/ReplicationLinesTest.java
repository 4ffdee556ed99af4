package io.pgnode.gateway.pooler.hba;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicationLinesTest {
    @TempDir Path dir;

    private boolean fits(String line, boolean isReplication) throws Exception {
        Path file = dir.resolve("hba.conf");
        Files.writeString(file, line + "\n");
        Hba hba = HbaReader.read(file, new ArrayList<>());
        return hba.lines()
                .getFirst()
                .fits(new Login("u", "d", InetAddress.ofLiteral("1.2.3.4"), false, isReplication));
    }

    @Test
    void onlyLinesThatSaySoLetInWhoReplicatesAWholeServer() throws Exception {
        assertThat(fits("host replication all all trust", true)).isTrue();
        assertThat(fits("host d,replication all all trust", true)).isTrue();
        assertThat(fits("host all all all trust", true)).isFalse();
        assertThat(fits("host d all all trust", true)).isFalse();
        assertThat(fits("host \"replication\" all all trust", true)).isFalse();
        assertThat(fits("host replication all all trust", false)).isFalse();
    }
}
