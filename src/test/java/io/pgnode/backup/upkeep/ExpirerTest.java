package io.pgnode.backup.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.ExpireRequest;
import io.pgnode.backup.core.Histories;
import io.pgnode.backup.core.RetentionPolicy;
import io.pgnode.backup.core.RetentionPolicy.FullType;
import io.pgnode.testing.FaultyStorage;
import io.pgnode.testing.PgBackRest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpirerTest {
    @SuppressWarnings("TimeInStaticInitializer") // pgbackrest goes by the clock, too
    private static final Instant NOW = Instant.now();

    private static final Histories HISTORIES =
            new Histories(NOW.minus(Duration.ofDays(30).plusHours(1)));

    @TempDir Path directory;

    @Test
    void removesWhatPgBackRestRemoves() throws Exception {
        for (long seed = 0; seed < 12; seed++) {
            compare(seed);
        }
    }

    @Test
    @Tag("soak")
    void removesWhatPgBackRestRemovesAlways() throws Exception {
        for (long seed = 1_000; seed < 1_200; seed++) {
            compare(seed);
        }
    }

    /** None beyond the backups that are there, some, and all. */
    @Test
    void keepsTheHistoryThatPgBackRestKeeps() throws Exception {
        BackupInfo info = HISTORIES.info("F1 D1 I1 F2 I2 F3 D3 F4");
        for (int days : new int[] {0, 10, 3650}) {
            compare(
                    days,
                    info,
                    new RetentionPolicy(2, FullType.COUNT, null, null, BackupType.FULL, days),
                    null);
        }
    }

    private void compare(long seed) throws Exception {
        Random random = new Random(seed);
        BackupInfo info = HISTORIES.info(random, false);
        RetentionPolicy policy = policyFor(random);
        BackupLabel set =
                random.nextInt(4) == 0
                        ? info.backups().get(random.nextInt(info.backups().size())).label()
                        : null;
        compare(seed, info, policy, set);
    }

    private void compare(
            long seed, BackupInfo info, RetentionPolicy policy, @Nullable BackupLabel set)
            throws Exception {
        PgBackRest.Configured theirs =
                judge().with(directory, options(policy), Map.of("pg1-path", "/nowhere"));
        MadeUpRepository repository = new MadeUpRepository(theirs.repository());

        repository.make(info);
        PgBackRest.Outcome outcome =
                set == null ? theirs.run("expire") : theirs.run("--set=" + set, "expire");
        SortedSet<String> expected = repository.files();
        repository.make(info);
        SortedSet<String> before = repository.files();
        Expirer ours = new Expirer(repository.open(), policy, ZoneId.systemDefault());
        ExpireRequest request =
                set == null
                        ? ExpireRequest.byRetention(Instant.now())
                        : ExpireRequest.of(set, Instant.now());
        String what = "seed " + seed + " " + policy + " set " + set + " " + outcome;

        if (set != null && !outcome.isDone()) {
            assertThatThrownBy(() -> ours.run(request, false))
                    .as(what)
                    .isInstanceOf(BackupException.class);
            assertThat(repository.files()).isEqualTo(before);
            return;
        }
        assertThat(outcome.isDone()).as(what).isTrue();
        ExpireResult dry = ours.run(request, true);
        assertThat(repository.files()).as("dry run, %s", what).isEqualTo(before);
        ExpireResult result = ours.run(request, false);
        assertThat(difference(repository.files(), expected)).as(what).isEmpty();
        assertThat(result.lines())
                .isEqualTo(dry.lines())
                .allMatch(line -> line.startsWith("repo1"));
    }

    /** Killed at each step: what is listed is whole, and the next run ends where one run ends. */
    @Test
    void aKillAtAnyStepHeals() throws Exception {
        BackupInfo info = HISTORIES.info("F1 D1 I1 F2 D2 F3");
        RetentionPolicy policy =
                new RetentionPolicy(2, FullType.COUNT, 2, null, BackupType.FULL, 5);
        MadeUpRepository repository = new MadeUpRepository(directory.resolve("repo"));
        repository.make(info);
        FaultyStorage counting = repository.killedAt(Integer.MAX_VALUE);
        Expirer whole = new Expirer(repository.open(counting), policy, ZoneId.systemDefault());
        ExpireResult result = whole.run(ExpireRequest.byRetention(NOW), false);
        assertThat(result.plan().removals()).hasSizeGreaterThan(2);
        SortedSet<String> expected = repository.files();
        assertThat(counting.steps()).isGreaterThan(8);

        for (int step = 0; step < counting.steps(); step++) {
            repository.make(info);
            Expirer killed =
                    new Expirer(
                            repository.open(repository.killedAt(step)),
                            policy,
                            ZoneId.systemDefault());
            assertThatThrownBy(() -> killed.run(ExpireRequest.byRetention(NOW), false))
                    .as("step %s", step)
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("fault of the test");
            checkVisibleIsWhole(step, info);
            new Expirer(repository.open(), policy, ZoneId.systemDefault())
                    .run(ExpireRequest.byRetention(NOW), false);
            assertThat(difference(repository.files(), expected)).as("step %s", step).isEmpty();
        }
    }

    /** A backup with a manifest has all its files, and those of the backups it refers to. */
    private void checkVisibleIsWhole(int step, BackupInfo info) {
        Path backups = directory.resolve("repo/backup").resolve(PgBackRest.STANZA);
        for (BackupSummary backup : info.backups()) {
            if (Files.exists(backups.resolve(backup.label() + "/backup.manifest"))) {
                for (BackupLabel label :
                        Stream.concat(Stream.of(backup.label()), backup.reference().stream())
                                .toList()) {
                    assertThat(backups.resolve(label + "/bundle/1"))
                            .as("step %s: %s of %s", step, label, backup.label())
                            .exists();
                }
            }
        }
    }

    @Test
    void aRunningBackupStaysAndOlderLeftoversGo() throws Exception {
        BackupInfo info = HISTORIES.info("F1 D1 F2");
        MadeUpRepository repository = new MadeUpRepository(directory.resolve("repo"));
        repository.make(info);
        Path backups = directory.resolve("repo/backup").resolve(PgBackRest.STANZA);
        Path running = Files.createDirectories(backups.resolve("29991231-235959F"));
        Files.writeString(running.resolve("backup.manifest.copy"), "x");

        Expirer expirer =
                new Expirer(repository.open(), RetentionPolicy.KEEP_ALL, ZoneId.systemDefault());
        ExpireResult result = expirer.run(ExpireRequest.byRetention(NOW), false);

        assertThat(running.resolve("backup.manifest.copy")).exists();
        assertThat(result.directories()).containsExactly(new BackupLabel("20200101-000000F"));
        assertThat(backups.resolve("20200101-000000F")).doesNotExist();
    }

    /** A manifest that is lost is no reason to lose what still can be read. */
    @Test
    void neverCountsABackupWithoutManifest() throws Exception {
        BackupInfo info = HISTORIES.info("F1 F2 F3");
        MadeUpRepository repository = new MadeUpRepository(directory.resolve("repo"));
        repository.make(info);
        Path backups = directory.resolve("repo/backup").resolve(PgBackRest.STANZA);
        List<BackupLabel> labels = info.backups().stream().map(BackupSummary::label).toList();
        Files.delete(backups.resolve(labels.get(2) + "/backup.manifest"));

        Expirer expirer =
                new Expirer(repository.open(), RetentionPolicy.ofFull(1), ZoneId.systemDefault());
        ExpireResult result = expirer.run(ExpireRequest.byRetention(NOW), false);

        assertThat(result.plan().kept())
                .extracting(decision -> decision.label())
                .containsExactly(labels.get(1));
        assertThat(backups.resolve(labels.get(1) + "/backup.manifest")).exists();
        assertThat(backups.resolve(labels.get(2) + "/bundle/1")).exists();
        assertThat(result.notes()).anyMatch(note -> note.contains("a copy of its manifest"));
    }

    private static List<String> difference(SortedSet<String> ours, SortedSet<String> expected) {
        return Stream.concat(
                        ours.stream()
                                .filter(file -> !expected.contains(file))
                                .map(file -> "too much: " + file),
                        expected.stream()
                                .filter(file -> !ours.contains(file))
                                .map(file -> "missing: " + file))
                .toList();
    }

    private static RetentionPolicy policyFor(Random random) {
        RetentionPolicy policy = Histories.policy(random);
        return new RetentionPolicy(
                policy.full() != null && policy.fullType() == FullType.TIME
                        ? Integer.valueOf(policy.full() * 5)
                        : policy.full(),
                policy.fullType(),
                policy.diff(),
                policy.archive(),
                policy.archiveType(),
                random.nextBoolean() ? null : Integer.valueOf(random.nextInt(20)));
    }

    private static Map<String, String> options(RetentionPolicy policy) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put(
                "repo1-retention-full-type", policy.fullType() == FullType.TIME ? "time" : "count");
        put(options, "repo1-retention-full", policy.full());
        put(options, "repo1-retention-diff", policy.diff());
        put(options, "repo1-retention-archive", policy.archive());
        put(options, "repo1-retention-history", policy.historyDays());
        options.put("repo1-retention-archive-type", policy.archiveType().text());
        return options;
    }

    /** The tool's largest number is no limit: our null. */
    private static void put(Map<String, String> options, String key, @Nullable Integer value) {
        if (value != null) {
            options.put(key, value.toString());
        } else if (key.equals("repo1-retention-full")) {
            options.put(key, "9999999");
        }
    }

    private static PgBackRest judge() {
        return PgBackRest.newer().orElseGet(PgBackRest::stock);
    }
}
