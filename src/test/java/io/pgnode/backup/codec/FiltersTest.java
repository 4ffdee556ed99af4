package io.pgnode.backup.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgnode.backup.core.CompressType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

class FiltersTest {
    private static final int[] LENGTHS = {
        0, 1, 15, 16, 17, 8192, 65535, 65536, 131072, 262144, 262145, 3_000_000
    };
    private static final byte[] PASS = Samples.bytes("not a good pass");

    @ParameterizedTest
    @EnumSource(value = CompressType.class, mode = Mode.EXCLUDE, names = "BZ2")
    void whatIsCompressedComesBack(CompressType type) throws IOException {
        for (int length : LENGTHS) {
            for (boolean raw : new boolean[] {false, true}) {
                byte[] data = Samples.mixed(length, length);
                byte[] stored = Filters.apply(Filters.compressor(type, 3, raw), data);

                assertThat(Filters.apply(Filters.decompressor(type, raw), stored))
                        .as("%d bytes, raw %s", length, raw)
                        .isEqualTo(data);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ZST zstd -dc", "LZ4 lz4 -dc", "GZ gzip -dc"})
    void theToolsReadWhatWeCompress(String spec) throws Exception {
        String[] words = spec.split(" ", 2);
        String[] command = words[1].split(" ", -1);
        assumeTrue(
                Files.exists(Path.of("/usr/bin", command[0]))
                        || Files.exists(Path.of("/bin", command[0])));
        CompressType type = CompressType.valueOf(words[0]);
        for (int length : LENGTHS) {
            byte[] data = Samples.mixed(length, length);
            byte[] stored =
                    Filters.apply(Filters.compressor(type, type.defaultLevel(), false), data);

            assertThat(Tool.run(stored, command)).isEqualTo(data);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ZST zstd -c",
                "LZ4 lz4 -c",
                "LZ4 lz4 -c -9 --no-frame-crc",
                "GZ gzip -c",
                "BZ2 bzip2 -c"
            })
    void weReadWhatTheToolsCompress(String spec) throws Exception {
        String[] words = spec.split(" ", 2);
        String[] command = words[1].split(" ", -1);
        assumeTrue(
                Files.exists(Path.of("/usr/bin", command[0]))
                        || Files.exists(Path.of("/bin", command[0])));
        CompressType type = CompressType.valueOf(words[0]);
        for (int length : LENGTHS) {
            byte[] data = Samples.mixed(length, length);
            byte[] stored = Tool.run(data, command);

            assertThat(Filters.apply(Filters.decompressor(type, false), stored)).isEqualTo(data);
            assertThat(readAll(stored, Filters.decompressor(type, false), 1)).isEqualTo(data);
        }
    }

    @Test
    void readsEveryPartOfAGzipHeader() throws IOException {
        byte[] data = Samples.mixed(5000, 1);
        byte[] plain = Filters.apply(Filters.compressor(CompressType.GZ, 6, false), data);
        ByteArrayOutputStream full = new ByteArrayOutputStream();
        full.write(plain, 0, 3);
        full.write(2 | 4 | 8 | 16);
        full.write(plain, 4, 6);
        full.write(new byte[] {3, 0, 'a', 'b', 'c'});
        full.write(Samples.bytes("name\0comment\0"));
        full.write(new byte[] {1, 2});
        full.write(plain, 10, plain.length - 10);

        assertThat(Filters.apply(Filters.decompressor(CompressType.GZ, false), full.toByteArray()))
                .isEqualTo(data);
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressType.class,
            mode = Mode.EXCLUDE,
            names = {"BZ2", "NONE"})
    void anyChunksGiveTheSame(CompressType type) throws IOException {
        byte[] data = Samples.mixed(400_000, 7);
        Random random = new Random(11);
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (Filter filter = Filters.compressor(type, 1, false)) {
            for (int done = 0; done < data.length; ) {
                int step = Math.min(data.length - done, random.nextInt(3000));
                filter.update(data, done, step, stored::write);
                done += step;
            }
            filter.finish(stored::write);
        }
        ByteArrayOutputStream back = new ByteArrayOutputStream();
        try (Filter filter = Filters.decompressor(type, false)) {
            byte[] bytes = stored.toByteArray();
            for (int done = 0; done < bytes.length; ) {
                int step = Math.min(bytes.length - done, random.nextInt(50));
                filter.update(bytes, done, step, back::write);
                done += step;
            }
            filter.finish(back::write);
        }

        assertThat(back.toByteArray()).isEqualTo(data);
        assertThat(readAll(stored.toByteArray(), Filters.decompressor(type, false), 777))
                .isEqualTo(data);
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressType.class,
            mode = Mode.EXCLUDE,
            names = {"BZ2", "NONE"})
    void filtersMayBeUsedAgain(CompressType type) throws IOException {
        try (Filter compressor = Filters.compressor(type, 1, false);
                Filter decompressor = Filters.decompressor(type, false)) {
            for (int i = 0; i < 5; i++) {
                byte[] data = Samples.mixed(100_000, i);
                ByteArrayOutputStream stored = new ByteArrayOutputStream();
                compressor.update(data, 0, data.length, stored::write);
                compressor.finish(stored::write);
                ByteArrayOutputStream back = new ByteArrayOutputStream();
                decompressor.update(stored.toByteArray(), 0, stored.size(), back::write);
                decompressor.finish(back::write);
                assertThat(back.toByteArray()).isEqualTo(data);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressType.class,
            mode = Mode.EXCLUDE,
            names = {"BZ2", "NONE"})
    void cutOffStreamsAreRefused(CompressType type) throws IOException {
        for (boolean raw : new boolean[] {false, true}) {
            byte[] stored =
                    Filters.apply(Filters.compressor(type, 1, raw), Samples.mixed(20_000, 3));
            for (int length : new int[] {0, 1, 5, stored.length / 2, stored.length - 1}) {
                byte[] cut = Arrays.copyOf(stored, length);

                assertThatThrownBy(() -> Filters.apply(Filters.decompressor(type, raw), cut))
                        .as("%d of %d", length, stored.length)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(type.text().substring(0, 2))
                        .hasMessageMatching(".*(cut off|damaged).*");
                assertThatThrownBy(() -> readAll(cut, Filters.decompressor(type, raw), 4096))
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressType.class,
            mode = Mode.EXCLUDE,
            names = {"BZ2", "NONE"})
    void bytesAfterTheEndAreRefused(CompressType type) throws IOException {
        byte[] stored = Filters.apply(Filters.compressor(type, 1, false), Samples.mixed(20_000, 3));
        byte[] longer = Arrays.copyOf(stored, stored.length + 1);

        assertThatThrownBy(() -> Filters.apply(Filters.decompressor(type, false), longer))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("followed by");
        assertThatThrownBy(() -> readAll(longer, Filters.decompressor(type, false), 100))
                .hasMessageContaining("followed by");
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressType.class,
            mode = Mode.EXCLUDE,
            names = {"NONE"})
    void damageNeverHangsOrCrashes(CompressType type) throws Exception {
        assumeTrue(type != CompressType.BZ2 || Files.exists(Path.of("/bin/bzip2")));
        byte[] data = Samples.mixed(30_000, 9);
        byte[] stored =
                type == CompressType.BZ2
                        ? Tool.run(data, "bzip2", "-c")
                        : Filters.apply(Filters.compressor(type, 1, false), data);
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            byte[] damaged = stored.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                Filters.apply(Filters.decompressor(type, false), damaged, 1 << 26);
            } catch (IOException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void aBombIsReadInPieces() throws IOException {
        int size = 1 << 28;
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (Filter filter = Filters.compressor(CompressType.ZST, 1, false)) {
            byte[] zeros = new byte[1 << 20];
            for (int done = 0; done < size; done += zeros.length) {
                filter.update(zeros, 0, zeros.length, stored::write);
            }
            filter.finish(stored::write);
        }
        assertThat(stored.size()).isLessThan(20_000);

        try (InputStream in =
                Filters.input(
                        new ByteArrayInputStream(stored.toByteArray()),
                        Filters.decompressor(CompressType.ZST, false))) {
            assertThat(in.readNBytes(10)).isEqualTo(new byte[10]);
            assertThat(in.available()).isLessThan(1 << 20);
            in.skipNBytes(size - 10);
            assertThat(in.read()).isEqualTo(-1);
        }
        assertThatThrownBy(
                        () ->
                                Filters.apply(
                                        Filters.decompressor(CompressType.ZST, false),
                                        stored.toByteArray(),
                                        1 << 20))
                .hasMessageContaining("limit is 1048576");
    }

    @Test
    void ciphersAreOpenssls() throws Exception {
        for (int length : LENGTHS) {
            byte[] data = Samples.mixed(length, length);
            byte[] ours = Filters.apply(Filters.encryptor(PASS, false), data);
            String[] tool = {
                "openssl", "enc", "-aes-256-cbc", "-md", "sha1", "-pass", "pass:not a good pass"
            };

            assertThat(Tool.run(ours, with(tool, "-d"))).isEqualTo(data);
            byte[] theirs = Tool.run(data, with(tool, "-e"));
            assertThat(Filters.apply(Filters.decryptor(PASS, false), theirs)).isEqualTo(data);
            assertThat(
                            Filters.apply(
                                    Filters.decryptor(PASS, true),
                                    Arrays.copyOfRange(theirs, 8, theirs.length)))
                    .isEqualTo(data);
        }
    }

    @Test
    void cipherErrorsSayWhatIsWrong() throws IOException {
        byte[] data = Samples.mixed(50_000, 2);
        byte[] stored = Filters.apply(Filters.encryptor(PASS, false), data);
        byte[] other = Samples.bytes("other");

        assertThatThrownBy(() -> Filters.apply(Filters.decryptor(other, false), stored))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("wrong pass");
        assertThatThrownBy(() -> Filters.apply(Filters.decryptor(PASS, false), data))
                .hasMessageContaining("not encrypted");
        for (int length : new int[] {0, 7, 15, 16, 100, stored.length - 1}) {
            byte[] cut = Arrays.copyOf(stored, length);
            assertThatExceptionOfType(IOException.class)
                    .as("%d bytes", length)
                    .isThrownBy(() -> Filters.apply(Filters.decryptor(PASS, false), cut));
        }
    }

    @Test
    void chainsGoBothWays() throws IOException {
        byte[] data = Samples.mixed(1_000_000, 4);
        byte[] stored =
                Filters.apply(
                        Filters.chain(
                                List.of(
                                        Filters.compressor(CompressType.ZST, 3, true),
                                        Filters.encryptor(PASS, true))),
                        data);
        Filter back =
                Filters.chain(
                        List.of(
                                Filters.decryptor(PASS, true),
                                Filters.decompressor(CompressType.ZST, true)));

        assertThat(readAll(stored, back, 10_000)).isEqualTo(data);
        assertThat(Filters.apply(Filters.chain(List.of()), data)).isEqualTo(data);
    }

    @Test
    void bz2IsReadOnly() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Filters.compressor(CompressType.BZ2, 9, false));
    }

    @Test
    void closingFreesWhatTheLibrariesHold() throws Exception {
        int before = NativeContext.open();
        byte[] data = Samples.mixed(100_000, 1);
        for (int i = 0; i < 200; i++) {
            for (CompressType type : List.of(CompressType.ZST, CompressType.LZ4)) {
                byte[] stored = Filters.apply(Filters.compressor(type, 3, false), data);
                Filters.apply(Filters.decompressor(type, false), stored);
                Filter unfinished = Filters.decompressor(type, false);
                unfinished.update(stored, 0, 1000, (bytes, offset, length) -> {});
                unfinished.close();
                unfinished.close();
            }
            Filters.decompressor(CompressType.BZ2, false).close();
        }

        assertThat(NativeContext.open()).isEqualTo(before);
    }

    private static String[] with(String[] command, String option) {
        String[] result = Arrays.copyOf(command, command.length + 1);
        result[command.length] = option;
        return result;
    }

    /** Through an input stream, {@code step} bytes at once. */
    private static byte[] readAll(byte[] stored, Filter filter, int step) throws IOException {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        byte[] buffer = new byte[step];
        try (InputStream in = Filters.input(new ByteArrayInputStream(stored), filter)) {
            int count;
            while ((count = in.read(buffer)) >= 0) {
                result.write(buffer, 0, count);
            }
        }
        return result.toByteArray();
    }
}
