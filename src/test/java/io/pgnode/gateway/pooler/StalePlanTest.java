package io.pgnode.gateway.pooler;

import static io.pgnode.gateway.pooler.PoolerRig.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables change under prepared statements. */
class StalePlanTest {
    /** Named statements from the first use on; the driver does not repair anything by itself. */
    private static final String PREPARED =
            "&prepareThreshold=-1&autosave=never&cleanupSavepoints=false";

    private static PoolerRig rig;

    @BeforeAll
    static void start() throws Exception {
        rig = PoolerRig.start("pool_size=1", "pool_mode = transaction");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    @BeforeEach
    void create() throws Exception {
        try (Connection direct = rig.postgres().connect()) {
            value(direct, "CREATE TABLE grown (a int)");
            value(direct, "INSERT INTO grown VALUES (1)");
        }
    }

    @AfterEach
    void drop() throws Exception {
        try (Connection direct = rig.postgres().connect()) {
            value(direct, "DROP TABLE grown");
        }
    }

    private static int columns(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            assertThat(rows.next()).isTrue();
            return rows.getMetaData().getColumnCount();
        }
    }

    @Test
    void outsideATransactionTheClientNoticesNothing() throws Exception {
        try (RawClient client = new RawClient(rig.port());
                Connection other = rig.postgres().connect()) {
            client.login("somebody", "postgres");
            client.prepare("mine", "SELECT * FROM grown");
            client.expectReady();
            client.execute("mine");
            assertThat(client.expectReady()).contains("SELECT 1");
            value(other, "ALTER TABLE grown ADD b text DEFAULT 'added'");

            client.execute("mine");

            assertThat(client.expectReady()).contains("added", "SELECT 1").doesNotContain("1\n1\n");
            client.execute("mine");
            assertThat(client.expectReady()).contains("added");
        }
    }

    @Test
    void aBatchOfSeveralIsRepeatedOnce() throws Exception {
        try (RawClient client = new RawClient(rig.port());
                Connection other = rig.postgres().connect()) {
            client.login("somebody", "postgres");
            client.prepare("mine", "SELECT * FROM grown");
            client.expectReady();
            client.prepare("more", "INSERT INTO grown VALUES (2) RETURNING *");
            client.expectReady();
            value(other, "ALTER TABLE grown ADD b text DEFAULT 'added'");

            client.execute("mine", "more");

            assertThat(client.expectReady()).contains("added", "SELECT 1", "INSERT 0 1");
            assertThat(value(other, "SELECT count(*) FROM grown")).isEqualTo("2");
        }
    }

    @Test
    void whatMayHaveHadAnEffectIsNotRepeated() throws Exception {
        try (RawClient client = new RawClient(rig.port());
                Connection other = rig.postgres().connect()) {
            client.login("somebody", "postgres");
            client.prepare("insert", "INSERT INTO grown VALUES (3)");
            client.expectReady();
            client.prepare("mine", "SELECT * FROM grown");
            client.expectReady();
            value(other, "ALTER TABLE grown ADD b text DEFAULT 'added'");

            client.execute("insert", "mine");

            assertThatThrownBy(client::expectReady)
                    .hasMessageContaining("cached plan must not change result type");
            client.skipToReady();
            assertThat(value(other, "SELECT count(*) FROM grown")).isEqualTo("1");
            client.execute("mine");
            assertThat(client.expectReady()).contains("added");
        }
    }

    @Test
    void inATransactionItFailsOnceAndWorksThen() throws Exception {
        try (Connection client = rig.connect(PREPARED);
                Connection other = rig.postgres().connect();
                PreparedStatement statement = client.prepareStatement("SELECT * FROM grown")) {
            assertThat(columns(statement)).isEqualTo(1);
            value(other, "ALTER TABLE grown ADD b text");
            client.setAutoCommit(false);
            value(client, "SELECT 1");

            assertThatThrownBy(() -> columns(statement)).hasMessageContaining("cached plan");
            client.rollback();

            assertThat(columns(statement)).isEqualTo(2);
            client.commit();
        }
    }

    @Test
    void statementsPreparedBySqlWorkAtTheNextTry() throws Exception {
        try (RawClient client = new RawClient(rig.port());
                Connection other = rig.postgres().connect()) {
            client.login("somebody", "postgres");
            client.query("PREPARE mine AS SELECT * FROM grown");
            client.expectReady();
            client.query("EXECUTE mine");
            assertThat(client.expectReady()).contains("SELECT 1");
            value(other, "ALTER TABLE grown ADD b text DEFAULT 'added'");

            client.query("EXECUTE mine");
            assertThatThrownBy(client::expectReady).hasMessageContaining("cached plan");
            client.skipToReady();

            client.query("EXECUTE mine");
            assertThat(client.expectReady()).contains("added");
        }
    }
}
