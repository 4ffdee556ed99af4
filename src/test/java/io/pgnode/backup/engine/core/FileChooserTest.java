package io.pgnode.backup.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.core.BlockIncremental;
import io.pgnode.backup.core.Checksum;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.DatabaseVersion;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.core.ManifestHeader;
import io.pgnode.backup.core.ManifestOptions;
import io.pgnode.backup.core.ManifestPath;
import io.pgnode.backup.core.ManifestTarget;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.backup.engine.core.FileChooser.Choice;
import io.pgnode.model.Lsn;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FileChooserTest {
    private static final BackupLabel FULL = new BackupLabel("20261101-000000F");
    private static final BackupLabel DIFF = new BackupLabel(FULL + "_20261102-000000D");
    private static final Instant AT = Instant.parse("2026-11-03T00:00:00Z");
    private static final Instant BEFORE = AT.minusSeconds(1000);
    private static final long LIMIT = 2 << 20;
    private static final long LARGE = 8 << 20;
    private static final Checksum SUM = Checksum.parse("587b596f04f7db9c2cad3d6b87dd2b3a05de4f35");

    @Test
    void refersToAnUnchangedFileWhereverItIsHeld() {
        Manifest prior = manifest(DIFF, stored("a", LARGE, FULL), stored("b", LARGE, null));
        FileChooser chooser = chooser(prior, null, false);
        assertThat(known(chooser.choose(listed("a", LARGE, BEFORE))).reference()).isEqualTo(FULL);
        assertThat(known(chooser.choose(listed("b", LARGE, BEFORE))).reference()).isEqualTo(DIFF);
    }

    @Test
    void readsWhatHasAnotherTimeOrSizeOrIsNew() {
        FileChooser chooser = chooser(manifest(DIFF, stored("a", LARGE, null)), null, false);
        assertThat(read(chooser.choose(listed("a", LARGE, AT))).same()).isNull();
        assertThat(read(chooser.choose(listed("a", LARGE + 8192, BEFORE))).same()).isNull();
        assertThat(read(chooser.choose(listed("n", LARGE, BEFORE))).blocks()).isNotNull();
    }

    @Test
    void comparesTheContentOfSmallFilesAndWithDeltaOfAll() {
        Manifest prior = manifest(DIFF, stored("a", 100, null), stored("b", LARGE, null));
        CopyJob small = read(chooser(prior, null, false).choose(listed("a", 100, AT)));
        ManifestFile same = Objects.requireNonNull(small.same());
        assertThat(same.reference()).isEqualTo(DIFF);
        assertThat(same.timestamp()).isEqualTo(AT);
        assertThat(read(chooser(prior, null, true).choose(listed("b", LARGE, BEFORE))).same())
                .isNotNull();
    }

    @Test
    void continuesTheBlocksOfThePriorBackup() {
        ManifestFile before =
                stored("a", LARGE, null)
                        .stored(LARGE, SUM, null, 77, new BlockIncremental(24576, 7, 9), null);
        CopyJob job =
                read(chooser(manifest(FULL, before), null, false).choose(listed("a", LARGE, AT)));
        CopyJob.Blocks blocks = Objects.requireNonNull(job.blocks());
        assertThat(blocks.blockSize()).isEqualTo(24576);
        assertThat(blocks.checksumSize()).isEqualTo(7);
        assertThat(blocks.earlier()).isNotNull();
    }

    @Test
    void neitherReadsNorStoresEmptyFilesWithBundles() {
        FileChooser chooser = chooser(null, null, false);
        assertThat(known(chooser.choose(listed("e", 0, AT))).size()).isZero();
    }

    @Test
    void comparesWithWhatAnUnfinishedRunStored() {
        Manifest unfinished =
                manifest(
                        DIFF,
                        stored("a", LARGE, null),
                        stored("b", LARGE, FULL),
                        stored("gone", LARGE, null));
        FileChooser chooser = chooser(null, unfinished, false);
        ManifestFile same =
                Objects.requireNonNull(read(chooser.choose(listed("a", LARGE, AT))).same());
        assertThat(same.reference()).isNull();
        assertThat(read(chooser.choose(listed("b", LARGE, AT))).same()).isNull();
        assertThat(read(chooser.choose(listed("gone", LARGE, AT))).same()).isNull();
    }

    @Test
    void timesAreNotTrustedAfterATimelineSwitchAndSuch() {
        Manifest prior = manifest(DIFF, stored("a", LARGE, null));
        assertThat(delta(prior, 1, listed("a", LARGE, BEFORE))).isEmpty();
        assertThat(delta(prior, 1, listed("a", LARGE + 1, AT))).isEmpty();
        assertThat(delta(prior, 2, listed("a", LARGE, BEFORE))).contains("timeline");
        assertThat(delta(prior, 1, listed("a", LARGE, BEFORE.minusSeconds(1))))
                .contains("earlier time");
        assertThat(delta(prior, 1, listed("a", LARGE + 1, BEFORE))).contains("another size");
        assertThat(delta(null, 1, listed("a", LARGE, AT.plusSeconds(5)))).contains("future");
    }

    private static String delta(@Nullable Manifest prior, int timeline, ManifestFile file) {
        return DeltaReason.find(List.of(file), prior, AT, timeline).orElse("");
    }

    private static FileChooser chooser(
            @Nullable Manifest prior, @Nullable Manifest unfinished, boolean isDelta) {
        return new FileChooser(
                prior == null ? BackupType.FULL : BackupType.INCR,
                prior,
                unfinished,
                file -> !file.name().equals("pg_data/gone"),
                isDelta,
                true,
                LIMIT,
                true,
                AT);
    }

    private static ManifestFile known(Choice choice) {
        assertThat(choice).isInstanceOf(Choice.Known.class);
        return ((Choice.Known) choice).file();
    }

    private static CopyJob read(Choice choice) {
        assertThat(choice).isInstanceOf(Choice.Read.class);
        return ((Choice.Read) choice).job();
    }

    private static ManifestFile listed(String name, long size, Instant time) {
        return ManifestFile.listed("pg_data/" + name, size, time, "postgres", "postgres", 0600);
    }

    private static ManifestFile stored(String name, long size, @Nullable BackupLabel holder) {
        ManifestFile file = listed(name, size, BEFORE).stored(size, SUM, null, 50, null, null);
        return holder == null ? file : file.referring(file, holder);
    }

    private static Manifest manifest(BackupLabel label, ManifestFile... files) {
        Manifest.Builder builder =
                Manifest.builder()
                        .header(
                                new ManifestHeader(
                                        "2.55.1",
                                        label,
                                        label.type(),
                                        label.equals(FULL) ? null : FULL,
                                        label.equals(FULL) ? List.of(FULL) : List.of(FULL, label),
                                        WalSegment.parse("000000010000000000000003"),
                                        WalSegment.parse("000000010000000000000003"),
                                        new Lsn(1),
                                        new Lsn(2),
                                        BEFORE,
                                        BEFORE,
                                        BEFORE,
                                        true,
                                        true,
                                        true))
                        .database(new DatabaseVersion(1, "15", "72", 202209061, 1300))
                        .options(
                                new ManifestOptions(
                                        true,
                                        false,
                                        false,
                                        1L << 20,
                                        true,
                                        true,
                                        3,
                                        1,
                                        CompressType.ZST,
                                        false,
                                        false,
                                        true,
                                        1))
                        .target(
                                new ManifestTarget(
                                        "pg_data",
                                        ManifestTarget.Type.PATH,
                                        "/data",
                                        null,
                                        0,
                                        null))
                        .path(new ManifestPath("pg_data", "postgres", "postgres", 0700));
        for (ManifestFile file : files) {
            builder.file(file);
        }
        return builder.build();
    }
}
