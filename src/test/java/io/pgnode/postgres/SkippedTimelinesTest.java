package io.pgnode.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.postgres.core.Divergence;
import io.pgnode.testing.Changed;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Promotions that leave out a number which somebody else claimed, on the real server. */
class SkippedTimelinesTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int FIRST = 2;

    private final RealPostgres primary = RealPostgres.create("primary");
    private final Path archive = primary.root().resolve("archive");
    private final RealPostgres one = archiving("one");
    private final RealPostgres two = archiving("two");
    private final RealPostgres three = RealPostgres.create("three");

    /** Copies into a directory, and refuses to replace what is there. */
    private RealPostgres archiving(String name) {
        return RealPostgres.create(
                name,
                settings -> {
                    Map<String, String> parameters = new HashMap<>(settings.parameters());
                    parameters.put("archive_mode", "on");
                    parameters.put(
                            "archive_command",
                            "test ! -f %s/%%f && cp %%p %s/%%f".formatted(archive, archive));
                    return Changed.copy(
                            settings,
                            "parameters",
                            parameters,
                            "restoreCommand",
                            "cp %s/%%f %%p".formatted(archive));
                });
    }

    private void threeStandbys() throws Exception {
        Files.createDirectory(archive);
        primary.bootstrap();
        primary.sql("CREATE TABLE t (i int)");
        one.cloneOf(primary);
        two.cloneOf(primary);
        three.cloneOf(primary);
        awaitStreaming(one);
        awaitStreaming(two);
        awaitStreaming(three);
        primary.instance().stop(StopMode.FAST, LIMIT);
    }

    @AfterEach
    void remove() {
        one.close();
        two.close();
        three.close();
        primary.close(); // the archive goes with it
    }

    @Test
    void twoPromotionsAtOnePositionAreToldApart() throws Exception {
        threeStandbys();
        one.instance().promote(4, FIRST, LIMIT);
        two.instance().promote(5, FIRST + 1, LIMIT);
        two.sql("INSERT INTO t VALUES (2)");

        assertThat(one.instance().observe().timeline()).isEqualTo(2);
        assertThat(two.instance().observe().timeline()).isEqualTo(3);

        one.instance().stop(StopMode.FAST, LIMIT);
        two.instance().createSlot(one.slot());
        assertThat(one.instance().divergence(two.asUpstreamOf(one), LIMIT))
                .isInstanceOf(Divergence.Needed.class);
        two.instance().checkpoint(LIMIT);
        assertThat(one.instance().rewind(two.asUpstreamOf(one), _ -> {}))
                .isInstanceOf(RewindResult.Done.class);
        one.startStandbyOf(two);
        awaitStreaming(one);
        assertThat(one.sql("SELECT i FROM t")).isEqualTo("2");
    }

    @Test
    void aStandbyFollowsOverSkippedNumbers() throws Exception {
        threeStandbys();
        two.instance().promote(5, FIRST + 3, LIMIT);
        assertThat(two.instance().observe().timeline()).isEqualTo(5);
        two.instance().createSlot(three.slot());
        three.instance().follow(two.asUpstreamOf(three));
        awaitStreaming(three);
        two.sql("INSERT INTO t VALUES (7)");
        await().untilAsserted(() -> assertThat(three.sql("SELECT max(i) FROM t")).isEqualTo("7"));

        // And its own promotion takes the next one.
        two.instance().kill();
        three.instance().promote(6, 6, LIMIT);
        assertThat(three.instance().observe().timeline()).isEqualTo(6);
    }

    @Test
    void aCrashRightAfterThePromotionLosesNothing() throws Exception {
        threeStandbys();
        two.instance().promote(5, FIRST + 1, LIMIT);
        two.sql("INSERT INTO t VALUES (7)");
        two.instance().kill();
        two.startStandbyOf(null);
        two.instance().probe(LIMIT);
        assertThat(two.instance().observe().timeline()).isEqualTo(3);
        assertThat(two.sql("SELECT i FROM t")).isEqualTo("7");
    }

    @Test
    void aPromotionThatDidNotHappenLeavesNothingBehind() throws Exception {
        threeStandbys();
        new SkippedTimelines(new DataDirectory(two.settings())).skip(1, FIRST + 2);
        two.instance().kill();
        two.startStandbyOf(null);
        two.instance().probe(LIMIT);
        assertThat(two.instance().observe().timeline()).isEqualTo(1);
        assertThat(history(two, 2)).doesNotExist();
        assertThat(history(two, 3)).doesNotExist();

        // A number that was skipped in vain is not lost.
        two.instance().promote(5, FIRST, LIMIT);
        assertThat(two.instance().observe().timeline()).isEqualTo(2);
    }

    @Test
    void theRunningStandbyDoesNotSwitchToASkippedTimeline() throws Exception {
        threeStandbys();
        new SkippedTimelines(new DataDirectory(three.settings())).skip(1, FIRST + 2);
        primary.startPrimary();
        awaitStreaming(three);
        primary.sql("INSERT INTO t VALUES (1)");
        await().untilAsserted(() -> assertThat(three.sql("SELECT i FROM t")).isEqualTo("1"));
        assertThat(three.instance().observe().timeline()).isEqualTo(1);
    }

    @Test
    void theArchiveGetsTheWayOverASkippedTimeline() throws Exception {
        threeStandbys();
        two.instance().promote(5, FIRST + 1, LIMIT);
        two.instance().archiveSkippedTimelines(LIMIT);
        two.sql("SELECT pg_switch_wal()");
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(
                        () -> {
                            assertThat(archive.resolve("00000002.history")).exists();
                            assertThat(archive.resolve("00000003.history")).exists();
                        });
    }

    @Test
    void aHistoryThatTheArchiveHasIsNotReplaced() throws Exception {
        threeStandbys();
        Files.createFile(history(two, 2).resolveSibling("archive_status").resolve("x"));
        new SkippedTimelines(new DataDirectory(two.settings())).skip(1, FIRST + 1);
        Path real = archive.resolve("00000002.history");
        Files.writeString(real, "1\t0/3000000\tno recovery target specified\n");
        two.instance().promote(5, FIRST + 1, LIMIT);
        assertThat(two.instance().observe().timeline()).isEqualTo(3);
        two.instance().archiveSkippedTimelines(LIMIT);
        assertThat(two.settings().dataDir().resolve("pg_wal/archive_status/00000002.history.ready"))
                .doesNotExist();
        assertThat(real).content().startsWith("1\t");
    }

    @Test
    void aNumberBeyondReasonIsRefused() throws Exception {
        threeStandbys();
        assertThatThrownBy(() -> two.instance().promote(5, 5000, LIMIT))
                .hasMessageContaining("cannot skip from timeline 1 to 5000");
        assertThat(two.instance().observe().isStandby()).isTrue();
        assertThat(history(two, 2)).doesNotExist();
    }

    private static Path history(RealPostgres server, int timeline) {
        return server.settings().dataDir().resolve("pg_wal/%08X.history".formatted(timeline));
    }

    private static void awaitStreaming(RealPostgres standby) {
        await().atMost(LIMIT)
                .until(
                        () -> {
                            standby.instance().probe(LIMIT);
                            return standby.instance().observe().streaming();
                        });
    }
}
