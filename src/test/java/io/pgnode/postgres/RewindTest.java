package io.pgnode.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.postgres.core.Divergence;
import io.pgnode.testing.RealPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A former primary comes back to the standby that was promoted in its place. */
class RewindTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private RealPostgres old;
    private RealPostgres leader;

    @BeforeEach
    void twoNodes() throws Exception {
        old = RealPostgres.create("old").bootstrap();
        old.sql("CREATE TABLE t (i int)");
        leader = RealPostgres.create("leader").cloneOf(old);
        await().until(
                        () -> {
                            leader.instance().probe(LIMIT);
                            return leader.instance().observe().streaming();
                        });
    }

    @AfterEach
    void remove() {
        old.close();
        leader.close();
    }

    @Test
    void rewindsAPrimaryThatWroteOnAfterItsReplacement() throws Exception {
        leader.instance().promote(LIMIT);
        leader.sql("INSERT INTO t VALUES (1)");
        old.sql("INSERT INTO t SELECT generate_series(1000, 2000)");
        old.instance().kill();
        leader.instance().checkpoint(LIMIT);
        assertThat(divergence()).isInstanceOf(Divergence.Needed.class);

        RewindResult result = old.instance().rewind(leader.asUpstreamOf(old), _ -> {});

        assertThat(result).isEqualTo(new RewindResult.Done());
        rejoin();
        assertThat(old.sql("SELECT count(*) FROM t")).isEqualTo("1");
    }

    @Test
    void archivesWhatOnlyTheFormerPrimaryHasBeforeItIsRewound() throws Exception {
        Path archive = Files.createDirectory(old.root().resolve("archive"));
        Path works = archive.resolve("works");
        old.instance().stop(StopMode.FAST, LIMIT);
        old.instance()
                .applyParameters(
                        Map.of(
                                "archive_mode",
                                "on",
                                "archive_command",
                                "test -e " + works + " && cp \"%p\" " + archive + "/%f"),
                        List.of(),
                        List.of());
        old.startPrimary();
        leader.instance().promote(LIMIT);
        leader.instance().checkpoint(LIMIT);
        old.sql("INSERT INTO t VALUES (1)");
        String first = old.sql("SELECT pg_walfile_name(pg_switch_wal())");
        old.sql("INSERT INTO t VALUES (2)");
        String second = old.sql("SELECT pg_walfile_name(pg_switch_wal())");
        old.instance().kill();
        Files.createFile(works);

        assertThat(old.instance().rewind(leader.asUpstreamOf(old), _ -> {}))
                .isEqualTo(new RewindResult.Done());

        assertThat(archive.resolve(String.valueOf(first))).exists();
        assertThat(archive.resolve(String.valueOf(second))).exists();
        rejoin();
    }

    @Test
    void rewindsAlthoughTheArchiveIsBroken() throws Exception {
        old.instance().stop(StopMode.FAST, LIMIT);
        old.instance()
                .applyParameters(
                        Map.of("archive_mode", "on", "archive_command", "exit 3"),
                        List.of(),
                        List.of());
        old.startPrimary();
        leader.instance().promote(LIMIT);
        leader.instance().checkpoint(LIMIT);
        old.sql("INSERT INTO t VALUES (1)");
        old.sql("SELECT pg_switch_wal()");
        old.instance().kill();

        assertThat(old.instance().rewind(leader.asUpstreamOf(old), _ -> {}))
                .isEqualTo(new RewindResult.Done());
        rejoin();
    }

    @Test
    void needsNoRewindAfterAHandOver() throws Exception {
        StopResult stopped = old.instance().stop(StopMode.FAST, LIMIT);
        assertThat(stopped.isClean()).isTrue();
        leader.instance().promote(LIMIT);
        leader.sql("INSERT INTO t VALUES (1)");
        assertThat(divergence()).isEqualTo(new Divergence.None());
        rejoin();
    }

    @Test
    void findsNothingToRewindAfterACrashThatLostNothing() throws Exception {
        await().until(
                        () ->
                                "t"
                                        .equals(
                                                old.sql(
                                                        "SELECT sent_lsn = pg_current_wal_lsn() FROM"
                                                                + " pg_stat_replication")));
        old.instance().kill();
        leader.instance().promote(LIMIT);
        leader.instance().checkpoint(LIMIT);
        assertThat(divergence()).isInstanceOf(Divergence.Needed.class);
        RewindResult result = old.instance().rewind(leader.asUpstreamOf(old), _ -> {});
        assertThat(result).isIn(new RewindResult.NotNeeded(), new RewindResult.Done());
        rejoin();
    }

    @Test
    void saysWhenTheSourceIsDownOrThePrerequisitesAreMissing() throws Exception {
        leader.instance().kill();
        old.instance().stop(StopMode.FAST, LIMIT);
        assertThat(divergence()).isInstanceOf(Divergence.Unknown.class);
        assertThat(old.instance().rewind(leader.asUpstreamOf(old), _ -> {}))
                .isInstanceOf(RewindResult.CannotConnect.class);
        assertThat(old.instance().observe().data()).isEqualTo(DataState.VALID);
        disableChecksumsAndHints();
        assertThat(old.instance().rewind(leader.asUpstreamOf(old), _ -> {}))
                .isInstanceOf(RewindResult.Impossible.class);
    }

    @Test
    void neverStartsWhatARewindLeftUnfinished() throws Exception {
        old.instance().stop(StopMode.FAST, LIMIT);
        new DataDirectory(old.settings()).markUnfinished("pg_rewind");
        assertThat(old.instance().observe().data()).isEqualTo(DataState.UNFINISHED);
        StartResult result = old.instance().start(true, leader.asUpstreamOf(old), LIMIT);
        assertThat(result).isInstanceOf(StartResult.Failed.class);
        assertThat(result.toString()).contains("pg_rewind did not finish");
        leader.instance().promote(LIMIT);
        leader.instance().createSlot(old.slot());
        old.instance().moveAside("failed");
        assertThat(old.instance().observe().data()).isEqualTo(DataState.EMPTY);
        old.instance().cloneFrom(leader.asUpstreamOf(old), _ -> {});
        rejoin();
    }

    private Divergence divergence() throws PostgresException {
        return old.instance().divergence(leader.asUpstreamOf(old), LIMIT);
    }

    private void rejoin() throws PostgresException {
        leader.instance().createSlot(old.slot());
        old.startStandbyOf(leader);
        await().until(
                        () -> {
                            old.instance().probe(LIMIT);
                            return old.instance().observe().streaming();
                        });
        assertThat(old.instance().observe().timeline()).isEqualTo(2);
        assertThat(divergenceOfRunning()).isEqualTo(new Divergence.None());
    }

    private Divergence divergenceOfRunning() throws PostgresException {
        return old.instance().divergence(leader.asUpstreamOf(old), LIMIT);
    }

    private void disableChecksumsAndHints() throws Exception {
        old.instance().applyParameters(Map.of("wal_log_hints", "off"), List.of(), List.of());
        old.startPrimary();
        old.instance().stop(StopMode.FAST, LIMIT);
        io.pgnode.os.CommandResult result =
                io.pgnode.os.Command.of(
                                RealPostgres.binDir().resolve("pg_checksums").toString(),
                                "--disable",
                                "-D",
                                old.settings().dataDir().toString())
                        .run();
        assertThat(result.explain()).startsWith("exit code 0");
    }
}
