package io.pgnode.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.model.Lsn;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ManifestTest {
    private static final BackupLabel FULL = new BackupLabel("20261121-010203F");
    private static final BackupLabel INCR = new BackupLabel("20261121-010203F_20261122-010203I");
    private static final Instant TIME = Instant.ofEpochSecond(1_795_263_185);
    private static final Checksum SUM = Checksum.parse("0123456789abcdef0123456789abcdef01234567");

    private static Manifest.Builder builder() {
        return Manifest.builder()
                .header(
                        new ManifestHeader(
                                Manifest.BACKREST_VERSION,
                                INCR,
                                BackupType.INCR,
                                FULL,
                                List.of(FULL, INCR),
                                WalSegment.parse("000000010000000000000002"),
                                WalSegment.parse("000000010000000000000003"),
                                Lsn.parse("0/2000028"),
                                Lsn.parse("0/3000100"),
                                TIME,
                                TIME.plusSeconds(1),
                                TIME.plusSeconds(2),
                                true,
                                true,
                                true))
                .database(new DatabaseVersion(1, "15", "18446744073709551615", 202209061, 1300))
                .options(
                        new ManifestOptions(
                                true,
                                false,
                                false,
                                1L << 20,
                                true,
                                true,
                                -5,
                                1,
                                CompressType.ZST,
                                false,
                                false,
                                true,
                                2))
                .target(
                        new ManifestTarget(
                                "pg_data", ManifestTarget.Type.PATH, "/data", null, 0, null))
                .path(new ManifestPath("pg_data", "postgres", "postgres", 0700));
    }

    private static ManifestFile file(String name) {
        return ManifestFile.listed(name, 8192, TIME, "postgres", "postgres", 0600);
    }

    @Test
    void filesOfManyGibibytesKeepTheirSizes() throws Exception {
        long large = 5L << 40;
        ManifestFile bundled = file("pg_data/b").stored(3L << 32, SUM, SUM, 2L << 32, null, null);
        Manifest.Builder builder = builder();
        builder.file(
                ManifestFile.listed("pg_data/a", large, TIME, "postgres", "postgres", 0600)
                        .stored(
                                large,
                                SUM,
                                SUM,
                                4L << 40,
                                new BlockIncremental(352 * 1024, 8, 300_000_000),
                                PageCheck.invalid(
                                        List.of(new PageCheck.Pages(1L << 33, (1L << 33) + 5)))));
        builder.file(bundled.inBundle(3, 7L << 33));

        Manifest parsed = Manifest.parse(builder.build().render());

        assertThat(parsed.files()).containsExactlyElementsOf(builder.build().files().toList());
        assertThat(parsed.find("pg_data/b").orElseThrow().bundleOffset()).isEqualTo(7L << 33);
        assertThat(parsed.summary().sizes().size()).isEqualTo(large + (3L << 32));
        assertThat(parsed.summary().sizes().repoSizeDelta()).isEqualTo((4L << 40) + (2L << 32));
    }

    @Test
    void allThatAFileMayHaveComesBack() throws Exception {
        List<ManifestFile> files =
                List.of(
                        file("pg_data/a"),
                        file("pg_data/b").stored(8192, SUM, SUM, 100, null, PageCheck.VALID),
                        file("pg_data/c")
                                .stored(
                                        16384,
                                        SUM,
                                        SUM,
                                        100,
                                        new BlockIncremental(24576, 6, 77),
                                        PageCheck.invalid(
                                                List.of(
                                                        new PageCheck.Pages(1, 1),
                                                        new PageCheck.Pages(3, 5))))
                                .inBundle(3, 0),
                        file("pg_data/d")
                                .stored(
                                        0,
                                        null,
                                        null,
                                        0,
                                        new BlockIncremental(8192, 12, 0),
                                        PageCheck.invalid(List.of())),
                        file("pg_data/e")
                                .referring(
                                        file("pg_data/x")
                                                .stored(8192, SUM, SUM, 50, null, null)
                                                .inBundle(1, 4711),
                                        FULL),
                        ManifestFile.listed("pg_data/f", 0, TIME, null, null, 04755));
        Manifest.Builder builder = builder();
        List<ManifestFile> shuffled = new ArrayList<>(files);
        Collections.shuffle(shuffled, new Random(1));
        shuffled.forEach(builder::file);

        Manifest parsed = Manifest.parse(builder.build().render());

        assertThat(parsed.files()).containsExactlyElementsOf(files);
        assertThat(parsed.hasErrors()).isTrue();
        assertThat(parsed.database().systemId()).isEqualTo("18446744073709551615");
        assertThat(parsed.render()).isEqualTo(builder.build().render());
        String text = new String(parsed.render(), StandardCharsets.UTF_8);
        assertThat(text)
                .contains("pg_data/a={\"size\":8192,\"timestamp\":1795263185}\n")
                .contains(
                        "pg_data/c={\"bi\":3,\"bim\":77,\"bni\":3,\"checksum\":\""
                                + SUM
                                + "\",\"checksum-page\":false,\"checksum-page-error\":[1,[3,5]],"
                                + "\"rck\":\""
                                + SUM
                                + "\",\"repo-size\":100,\"size\":16384,\"szo\":8192,"
                                + "\"timestamp\":1795263185}\n")
                .contains(
                        "pg_data/f={\"group\":false,\"mode\":\"4755\",\"size\":0,"
                                + "\"timestamp\":1795263185,\"user\":false}\n")
                .contains("\noption-compress-level=-5\n");
    }

    @Test
    void filesAreReplacedAndRemovedByName() {
        Manifest.Builder builder = builder();
        for (int i = 0; i < 1000; i++) {
            builder.file(file("pg_data/" + i));
        }
        for (int i = 0; i < 1000; i += 2) {
            builder.removeFile("pg_data/" + i);
            builder.removeFile("pg_data/no such " + i);
        }
        builder.file(file("pg_data/1").inBundle(7, 8));
        builder.file(file("pg_data/2"));

        Manifest manifest = builder.build();

        assertThat(manifest.fileCount()).isEqualTo(501);
        assertThat(manifest.find("pg_data/1").orElseThrow().bundleId()).isEqualTo(7);
        assertThat(manifest.find("pg_data/2")).isPresent();
        assertThat(manifest.find("pg_data/4")).isEmpty();
        assertThat(builder.fileCount()).isEqualTo(501);
        builder.removeFile("pg_data/2");
        assertThat(manifest.find("pg_data/2")).isPresent();
        assertThat(manifest.files().map(ManifestFile::name)).isSortedAccordingTo(RawText.ORDER);
    }

    @Test
    void namesWithLineFeedsAreRefused() {
        assertThatThrownBy(() -> builder().file(file("pg_data/a\nb")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pg_data/a\\nb");
    }

    @Test
    void theSummaryCountsWhatIsStoredHere() {
        Manifest manifest =
                builder()
                        .annotation(Map.of("key", "value"))
                        .file(
                                file("pg_data/a")
                                        .stored(
                                                8192,
                                                SUM,
                                                SUM,
                                                100,
                                                new BlockIncremental(8192, 6, 10),
                                                PageCheck.VALID))
                        .file(
                                file("pg_data/b")
                                        .referring(
                                                file("pg_data/b")
                                                        .stored(
                                                                4096,
                                                                SUM,
                                                                SUM,
                                                                50,
                                                                new BlockIncremental(8192, 6, 5),
                                                                null),
                                                FULL))
                        .build();

        BackupSummary summary = manifest.summary();

        assertThat(summary.sizes()).isEqualTo(new BackupSizes(12288, 8192, 150L, 100, 15L, 10L));
        assertThat(summary.reference()).containsExactly(FULL);
        assertThat(summary.error()).isFalse();
        assertThat(summary.annotation()).containsEntry("key", "value");
    }

    @Test
    void damageIsAFormatExceptionAndNeverAnythingElse() {
        byte[] good = builder().file(file("pg_data/a")).cipherPass("secret pass").build().render();
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            for (int n = random.nextInt(3); n >= 0; n--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            if (!java.util.Arrays.equals(bad, good)) {
                assertThatThrownBy(() -> Manifest.parse(bad))
                        .isInstanceOf(FormatException.class)
                        .message()
                        .startsWith("backup.manifest: ")
                        .doesNotContain("secret pass");
            }
        }
    }
}
