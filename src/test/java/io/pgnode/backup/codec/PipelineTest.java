package io.pgnode.backup.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.CompressType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PipelineTest {
    private static final byte[] DATA = Samples.mixed(2_500_000, 1);

    @Test
    void digestsWhatGoesInAndWhatComesOut() throws IOException {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        Pipeline.Result result;
        try (Pipeline pipeline =
                new Pipeline(
                        List.of(
                                Filters.compressor(CompressType.LZ4, 1, true),
                                Filters.encryptor(Samples.bytes("pass"), true)),
                        Pipeline.Digests.BOTH,
                        null,
                        stored::write)) {
            result =
                    pipeline.copy(
                            new ByteArrayInputStream(DATA),
                            Long.MAX_VALUE,
                            new byte[Pipeline.BLOCK_SIZE]);
        }

        assertThat(result)
                .isEqualTo(
                        new Pipeline.Result(
                                DATA.length,
                                Sha1.of(DATA),
                                stored.size(),
                                Sha1.of(stored.toByteArray())));

        ByteArrayOutputStream back = new ByteArrayOutputStream();
        try (Pipeline pipeline =
                new Pipeline(
                        List.of(
                                Filters.decryptor(Samples.bytes("pass"), true),
                                Filters.decompressor(CompressType.LZ4, true)),
                        Pipeline.Digests.OUTPUT,
                        null,
                        back::write)) {
            pipeline.update(stored.toByteArray(), 0, stored.size());
            assertThat(pipeline.finish().outputChecksum()).isEqualTo(Sha1.of(DATA));
        }
        assertThat(back.toByteArray()).isEqualTo(DATA);
    }

    @Test
    void withoutFiltersInputAndOutputAreTheSame() throws IOException {
        for (Pipeline.Digests digests : Pipeline.Digests.values()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (Pipeline pipeline = new Pipeline(List.of(), digests, null, out::write)) {
                Pipeline.Result result =
                        pipeline.copy(new ByteArrayInputStream(DATA), 1_000_000, new byte[4096]);

                assertThat(result.inputSize()).isEqualTo(1_000_000);
                assertThat(result.outputSize()).isEqualTo(1_000_000);
                boolean in = digests == Pipeline.Digests.INPUT || digests == Pipeline.Digests.BOTH;
                boolean both =
                        digests == Pipeline.Digests.OUTPUT || digests == Pipeline.Digests.BOTH;
                assertThat(result.input()).isEqualTo(in ? Sha1.of(DATA, 0, 1_000_000) : null);
                assertThat(result.output()).isEqualTo(both ? Sha1.of(DATA, 0, 1_000_000) : null);
            }
            assertThat(out.size()).isEqualTo(1_000_000);
        }
    }

    @Test
    void pagesSeeTheWholeInput() throws IOException {
        PageVerifier pages = new PageVerifier(8192, 0, null);
        try (Pipeline pipeline =
                new Pipeline(List.of(), Pipeline.Digests.NONE, pages, (_, _, _) -> {})) {
            pipeline.copy(
                    new ByteArrayInputStream(new byte[81920 + 1]), Long.MAX_VALUE, new byte[999]);
        }

        assertThat(pages.result().errors()).isEmpty();
        assertThat(pages.result().aligned()).isFalse();
    }
}
