package io.pgnode.backup.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.core.BlockIncremental;
import io.pgnode.backup.core.Checksum;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.postgres.StopMode;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a real pgbackrest stored in bundles and blocks, read by us; and its own blocks written by
 * us.
 */
class RealBackupsTest {
    private static final String PASS = "the repository's pass";

    /** Just large enough for one block size or the next, and odd ones. */
    private static final int[] SIZES = {
        1, 100, 8192, 16_383, 16_384, 20_000, 300_000, 1_048_576, 1_500_001, 12_000_000
    };

    private static RealPostgres server;

    @TempDir Path directory;
    private final Random random = new Random(42);
    private Path data = Path.of("");
    private int step;

    /** Contents of our files at each backup. */
    private final List<Map<String, byte[]>> contents = new ArrayList<>();

    @BeforeAll
    static void initialise() throws Exception {
        server = RealPostgres.create("codec").bootstrap();
        server.instance().stop(StopMode.FAST, RealPostgres.LIMIT);
    }

    @AfterAll
    static void remove() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"zst", "lz4", "gz cipher", "none cipher"})
    void weReadWhatItWrites(String spec) throws Exception {
        check(spec);
    }

    @Tag("soak")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "zst cipher",
                "lz4 cipher",
                "gz",
                "none",
                "bz2",
                "bz2 cipher",
                "zst cipher no-block",
                "lz4 cipher no-block",
                "none cipher no-block"
            })
    void weReadAllThatItWrites(String spec) throws Exception {
        check(spec);
    }

    /** A chain of backups of files that change, shrink, grow and stay. */
    private void check(String spec) throws Exception {
        PgBackRest tool = PgBackRest.newer().orElse(null);
        assumeTrue(tool != null, "a later pgbackrest is not here");
        CompressType type = CompressType.parse(spec.split(" ", -1)[0]);
        boolean cipher = spec.contains("cipher");
        smallCluster();
        Map<String, String> global = new HashMap<>();
        global.put("repo1-bundle", "y");
        global.put("repo1-block", spec.contains("no-block") ? "n" : "y");
        global.put("compress-type", type.text());
        if (cipher) {
            global.put("repo1-cipher-type", "aes-256-cbc");
            global.put("repo1-cipher-pass", PASS);
        }
        PgBackRest.Configured backrest =
                tool.with(directory, global, Map.of("pg1-path", data.toString()));
        backrest.must("--no-online", "stanza-create");
        for (String kind : List.of("full", "incr", "diff", "incr", "incr")) {
            change();
            backrest.must("--no-online", "--type=" + kind, "backup");
        }

        Path root = backrest.repository().resolve("backup").resolve(PgBackRest.STANZA);
        byte @Nullable [] pass = cipher ? Samples.bytes(PASS) : null;
        BackupInfo info = BackupInfo.parse(decrypted(root.resolve("backup.info"), pass));
        byte @Nullable [] manifestPass = bytes(info.cipherPass());
        List<BackupLabel> labels =
                info.backups().stream().map(BackupSummary::label).sorted().toList();
        assertThat(labels).hasSize(contents.size());
        Blocks blocks = new Blocks();
        for (int i = 0; i < labels.size(); i++) {
            Path path = root.resolve(labels.get(i).toString());
            Manifest manifest =
                    Manifest.parse(decrypted(path.resolve("backup.manifest"), manifestPass));
            for (ManifestFile file : manifest.files().toList()) {
                byte[] content =
                        read(root, manifest, file, type, bytes(manifest.cipherPass()), blocks);
                assertThat(Sha1.of(content)).isEqualTo(orNothing(file.checksum()));
                byte[] ours = contents.get(i).get(file.name());
                if (ours != null) {
                    assertThat(content).as(file.name()).isEqualTo(ours);
                }
            }
        }
        if (!spec.contains("no-block")) {
            assertThat(blocks.seen).isGreaterThan(20);
            assertThat(blocks.longestChain).isGreaterThan(2);
        }
    }

    private static final class Blocks {
        int seen;
        int longestChain;
        final Map<String, BlockMap> maps = new HashMap<>();
    }

    private byte[] read(
            Path root,
            Manifest manifest,
            ManifestFile file,
            CompressType type,
            byte @Nullable [] pass,
            Blocks seen)
            throws IOException {
        if (file.size() == 0) {
            return new byte[0];
        }
        BackupLabel holder = file.reference() == null ? manifest.label() : file.reference();
        byte[] stored = part(root, holder, file, type, file.bundleOffset(), file.repoSize());
        if (file.repoChecksum() != null) {
            assertThat(Sha1.of(stored)).isEqualTo(file.repoChecksum());
        }
        BlockIncremental block = file.block();
        if (block == null) {
            List<Filter> filters = new ArrayList<>();
            boolean raw = file.isBundled() && manifest.header().bundleRaw();
            if (pass != null) {
                filters.add(Filters.decryptor(pass, raw));
            }
            filters.add(Filters.decompressor(type, raw));
            return Filters.apply(Filters.chain(filters), stored);
        }
        byte[] storedMap =
                Arrays.copyOfRange(stored, stored.length - (int) block.mapSize(), stored.length);
        BlockMap map =
                BlockReader.readMap(storedMap, block.blockSize(), block.checksumSize(), pass);
        byte[] plainMap =
                pass == null ? storedMap : Filters.apply(Filters.decryptor(pass, true), storedMap);
        assertThat(map.encode()).as(file.name()).isEqualTo(plainMap);
        byte[] content = new byte[(int) file.size()];
        BlockReader reader = new BlockReader(map, file.size(), type, pass);
        List<BlockReader.Range> ranges = reader.ranges();
        for (BlockReader.Range range : ranges) {
            reader.read(
                    range,
                    new ByteArrayInputStream(
                            part(
                                    root,
                                    manifest.references().get(range.reference()),
                                    range.bundle() == 0 ? file : file.inBundle(range.bundle(), 0),
                                    type,
                                    range.offset(),
                                    range.size())),
                    (offset, bytes, from, length) ->
                            System.arraycopy(bytes, from, content, (int) offset, length));
        }
        seen.seen++;
        seen.longestChain =
                Math.max(
                        seen.longestChain,
                        (int) ranges.stream().map(BlockReader.Range::reference).distinct().count());
        if (file.reference() == null) {
            writeAgain(manifest, file, type, pass, content, stored, map, seen);
        }
        seen.maps.put(manifest.label() + " " + file.name(), map);
        return content;
    }

    /** Our writer makes of the same file what the tool made of it. */
    private void writeAgain(
            Manifest manifest,
            ManifestFile file,
            CompressType type,
            byte @Nullable [] pass,
            byte[] content,
            byte[] stored,
            BlockMap theirs,
            Blocks seen)
            throws IOException {
        BlockIncremental block = file.block();
        if (block == null || type == CompressType.BZ2) {
            return;
        }
        BlockMap prior =
                manifest.header().prior() == null
                        ? null
                        : seen.maps.get(manifest.header().prior() + " " + file.name());
        if (prior != null && prior.blockSize() != theirs.blockSize()) {
            prior = null;
        }
        int reference = manifest.references().indexOf(manifest.label());
        boolean full = manifest.references().size() == 1;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BlockMap ours;
        try (BlockWriter writer =
                writer(
                        block.blockSize(),
                        block.checksumSize(),
                        BlockSizes.superBlockSize(block.blockSize(), full),
                        reference,
                        file,
                        prior,
                        type,
                        pass)) {
            writer.update(content, 0, content.length, out::write);
            writer.finish(out::write);
            ours = writer.map();
        }
        assertThat(ours.blocks()).hasSameSizeAs(theirs.blocks());
        for (int i = 0; i < ours.blocks().size(); i++) {
            BlockMap.Block mine = ours.blocks().get(i);
            BlockMap.Block its = theirs.blocks().get(i);
            assertThat(mine.checksum()).isEqualTo(its.checksum());
            assertThat(mine.reference()).isEqualTo(its.reference());
            assertThat(mine.superBlockSize()).isEqualTo(its.superBlockSize());
            assertThat(mine.number()).isEqualTo(its.number());
            assertThat(mine.bundle()).isEqualTo(its.bundle());
        }
        if (pass == null && type != CompressType.GZ) {
            assertThat(out.toByteArray()).as(file.name()).isEqualTo(stored);
        }
    }

    // The record's constructor has lost the annotation of its array in the class file.
    @SuppressWarnings("NullAway")
    private static BlockWriter writer(
            int blockSize,
            int checksumSize,
            int superBlockSize,
            int reference,
            ManifestFile file,
            @Nullable BlockMap prior,
            CompressType type,
            byte @Nullable [] pass) {
        return new BlockWriter(
                new BlockWriter.Settings(
                        blockSize,
                        checksumSize,
                        superBlockSize,
                        reference,
                        file.bundleId(),
                        file.bundleOffset(),
                        prior,
                        Compression.of(type, type.defaultLevel()),
                        pass));
    }

    private static byte[] part(
            Path root,
            BackupLabel label,
            ManifestFile file,
            CompressType type,
            long from,
            long size)
            throws IOException {
        Path backup = root.resolve(label.toString());
        Path path =
                file.isBundled()
                        ? backup.resolve("bundle").resolve(Long.toString(file.bundleId()))
                        : backup.resolve(
                                file.name() + (file.block() == null ? type.suffix() : ".pgbi"));
        byte[] all = Files.readAllBytes(path);
        return Arrays.copyOfRange(all, (int) from, (int) (from + size));
    }

    private static byte[] decrypted(Path file, byte @Nullable [] pass) throws IOException {
        byte[] stored = Files.readAllBytes(file);
        return pass == null ? stored : Filters.apply(Filters.decryptor(pass, false), stored);
    }

    private static byte @Nullable [] bytes(@Nullable String text) {
        return text == null ? null : Samples.bytes(text);
    }

    private static Checksum orNothing(@Nullable Checksum checksum) {
        return checksum == null ? Checksum.OF_NOTHING : checksum;
    }

    /** Just what pgbackrest asks of a stopped cluster, and files of all sizes. */
    private void smallCluster() throws IOException {
        data = directory.resolve("data");
        for (String made : List.of("global", "base/1", "pg_tblspc", "pg_wal")) {
            Files.createDirectories(data.resolve(made));
        }
        Path from = server.settings().dataDir();
        for (String copied : List.of("PG_VERSION", "global/pg_control", "postgresql.conf")) {
            Files.copy(from.resolve(copied), data.resolve(copied));
        }
        Map<String, byte[]> files = new HashMap<>();
        for (int size : SIZES) {
            files.put("pg_data/f" + size, Samples.mixed(size, size));
            files.put("pg_data/noise" + size, Samples.noise(size, size));
        }
        files.put("pg_data/empty", new byte[0]);
        contents.add(files);
    }

    /** Changes some blocks of most files, and the length of a few. */
    private void change() throws IOException {
        if (step > 0) {
            Map<String, byte[]> files = new HashMap<>(contents.getLast());
            files.replaceAll((name, content) -> changed(name, content));
            contents.add(files);
        }
        Map<String, byte[]> before = step == 0 ? Map.of() : contents.get(step - 1);
        Instant time = Instant.now().minusSeconds(1000 - 10L * step);
        for (Map.Entry<String, byte[]> file : contents.getLast().entrySet()) {
            if (!Arrays.equals(file.getValue(), before.get(file.getKey()))) {
                Path path = data.resolve(file.getKey().substring("pg_data/".length()));
                Files.write(path, file.getValue());
                Files.setLastModifiedTime(path, FileTime.from(time));
            }
        }
        step++;
    }

    private byte[] changed(String name, byte[] content) {
        if (content.length == 0 || name.hashCode() % 5 == step % 5) {
            return content;
        }
        byte[] result = content.clone();
        if (name.endsWith("1500001")) {
            result = Arrays.copyOf(content, content.length + (step % 2 == 0 ? 50_000 : -70_000));
        }
        int changes = 1 + random.nextInt(1 + result.length / 200_000);
        for (int i = 0; i < changes; i++) {
            int from = random.nextInt(result.length);
            int count = Math.min(result.length - from, random.nextInt(60_000));
            for (int j = from; j < from + count; j++) {
                result[j] ^= 0x55;
            }
        }
        return result;
    }

    @Test
    void aSuperBlockThatIsCutOffIsRefused() throws IOException {
        byte[] content = Samples.mixed(100_000, 1);
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        BlockMap map;
        try (BlockWriter writer =
                writer(
                        8192,
                        6,
                        1 << 20,
                        0,
                        ManifestFile.listed("f", 0, Instant.EPOCH, null, null, 0),
                        null,
                        CompressType.NONE,
                        null)) {
            writer.update(content, 0, content.length, stored::write);
            writer.finish(stored::write);
            map = writer.map();
        }
        BlockReader reader = new BlockReader(map, content.length, CompressType.NONE, null);
        BlockReader.Range range = reader.ranges().getFirst();

        assertThatThrownBy(
                        () ->
                                reader.read(
                                        range,
                                        new ByteArrayInputStream(stored.toByteArray(), 0, 5000),
                                        (_, _, _, _) -> {}))
                .hasMessageContaining("cut off");
    }
}
