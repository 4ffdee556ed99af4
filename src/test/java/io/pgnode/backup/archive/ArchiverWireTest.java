package io.pgnode.backup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.backup.archive.ArchiverWire.Answer;
import io.pgnode.backup.archive.ArchiverWire.Request;
import io.pgnode.backup.archive.ArchiverWire.WireException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArchiverWireTest {
    @Test
    void whatIsWrittenIsRead() throws IOException {
        for (Request request :
                List.of(
                        new Request.Push("/data/pg_wal/000000010000000000000001"),
                        new Request.Get("00000002.history", "/data/pg_wal/RÉCOVERY"))) {
            assertThat(ArchiverWire.request(frame(ArchiverWire.encode(request))))
                    .isEqualTo(request);
        }
        for (Answer answer :
                List.of(
                        new Answer.Working(),
                        new Answer.Done(0, ""),
                        new Answer.Done(126, "a reason"),
                        new Answer.Fetched("/data/pg_wal/x/y"),
                        new Answer.Cannot("stopping"))) {
            assertThat(ArchiverWire.answer(frame(ArchiverWire.encode(answer)))).isEqualTo(answer);
        }
    }

    @Test
    void longTextsFit() throws IOException {
        ByteBuffer frame = ArchiverWire.encode(new Answer.Done(25, "x".repeat(100_000)));
        assertThat(ArchiverWire.answer(frame(frame))).isInstanceOf(Answer.Done.class);
        ByteBuffer get = ArchiverWire.encode(new Request.Get("x".repeat(9000), "y".repeat(9000)));
        assertThat(ArchiverWire.request(frame(get))).isInstanceOf(Request.Get.class);
    }

    @Test
    void lengthsAreBounded() {
        for (int length : new int[] {0, -1, ArchiverWire.MAX_FRAME + 1, Integer.MAX_VALUE}) {
            assertThatThrownBy(
                            () -> ArchiverWire.length(ByteBuffer.allocate(4).putInt(length).flip()))
                    .isInstanceOf(WireException.class)
                    .hasMessageContaining(String.valueOf(length));
        }
    }

    @Test
    void anyBytesAreAMessageOrRefused() {
        Random random = new Random(20261121);
        byte[] kinds = {1, 'P', 'G', 'D', 'F', 'C', 'W'};
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            for (int j = 0; j < Math.min(2, bytes.length); j++) {
                bytes[j] = kinds[random.nextInt(kinds.length)];
            }
            refusesOrReads(bytes);
        }
    }

    private static void refusesOrReads(byte[] bytes) {
        try {
            assertThat(ArchiverWire.request(ByteBuffer.wrap(bytes))).isNotNull();
        } catch (WireException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
        try {
            assertThat(ArchiverWire.answer(ByteBuffer.wrap(bytes))).isNotNull();
        } catch (WireException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }

    private static ByteBuffer frame(ByteBuffer whole) throws WireException {
        assertThat(ArchiverWire.length(whole)).isEqualTo(whole.remaining());
        return whole;
    }
}
