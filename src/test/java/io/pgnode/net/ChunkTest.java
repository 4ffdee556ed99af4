package io.pgnode.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ChunkTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(Chunk chunk) {
        return chunk.bytes().toString(StandardCharsets.US_ASCII);
    }

    @Test
    void growsAndKeepsItsBytesAndTheirIndexes() {
        Chunk chunk = Chunk.of(Unpooled.directBuffer(8).writeBytes(bytes("0123")).skipBytes(2));
        chunk.add(bytes("456789 and so on"));
        chunk.add(out -> out.writeBytes(bytes(", for a while, longer and longer")));
        chunk.add(bytes("!?"), 1);

        assertThat(text(chunk)).isEqualTo("23456789 and so on, for a while, longer and longer!");
        assertThat(chunk.at(2)).isEqualTo((byte) '2');
        assertThat(chunk.at(chunk.to() - 1)).isEqualTo((byte) '!');
        assertThat(chunk.capacity()).isGreaterThanOrEqualTo(chunk.to());
        chunk.release();
    }

    @Test
    void integersHaveTheirHighestByteFirst() {
        Chunk chunk = Chunk.create(8).add(new byte[] {9, 1, 2, 3, (byte) 0xFE, 9});

        assertThat(chunk.intAt(1)).isEqualTo(0x010203FE);
        chunk.set(1, 0x80000005);
        assertThat(chunk.intAt(1)).isEqualTo(0x80000005);
        assertThat(chunk.at(0)).isEqualTo(chunk.at(5)).isEqualTo((byte) 9);
        chunk.release();
    }

    @Test
    void findsAndComparesAndCopies() {
        Chunk chunk = Chunk.create(8).add(bytes("ab\0cd\0"));
        byte[] target = new byte[3];
        chunk.copyTo(target, 3, 5);

        assertThat(chunk.zero(0, 6)).isEqualTo(2);
        assertThat(chunk.zero(3, 6)).isEqualTo(5);
        assertThat(chunk.zero(3, 5)).isEqualTo(-1);
        assertThat(chunk.zero(3, 3)).isEqualTo(-1);
        assertThat(chunk.is(bytes("cd"), 3, 5)).isTrue();
        assertThat(chunk.is(bytes("cd"), 3, 6)).isFalse();
        assertThat(chunk.is(bytes("ce"), 3, 5)).isFalse();
        assertThat(target).isEqualTo(new byte[] {'c', 'd', 0});
        Chunk copy = Chunk.create(1).add(chunk, 3, 5);
        assertThat(text(copy)).isEqualTo("cd");
        copy.release();
        chunk.release();
    }

    private static void assertOutside(ThrowingCallable access) {
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(access);
    }

    @Test
    void whatIsOutsideIsNeitherReadNorWritten() {
        Chunk chunk = Chunk.create(64).add(bytes("01234567"));
        Chunk other = Chunk.create(64);
        byte[] small = new byte[2];

        assertOutside(() -> chunk.at(8));
        assertOutside(() -> chunk.at(-1));
        assertOutside(() -> chunk.at(Integer.MAX_VALUE));
        assertOutside(() -> chunk.intAt(5));
        assertOutside(() -> chunk.intAt(-1));
        assertOutside(() -> chunk.intAt(Integer.MAX_VALUE));
        assertOutside(() -> chunk.set(5, 1));
        assertOutside(() -> chunk.zero(3, 9));
        assertOutside(() -> chunk.zero(5, 4));
        assertOutside(() -> chunk.is(small, 7, 9));
        assertOutside(() -> chunk.copyTo(small, 0, 3));
        assertOutside(() -> chunk.copyTo(small, 7, 9));
        assertOutside(() -> other.add(chunk, 0, 9));
        assertOutside(() -> other.add(small, 3));
        assertOutside(() -> chunk.slice(0, 9));
        assertOutside(() -> chunk.filled(57));
        assertOutside(() -> chunk.filled(-1));
        assertThat(text(chunk)).isEqualTo("01234567");
        assertThat(other.length()).isZero();
        other.release();
        chunk.release();
    }

    @Test
    void aReleasedChunkHasNoBytes() {
        ByteBuf memory = Unpooled.directBuffer().writeBytes(bytes("secret"));
        Chunk chunk = Chunk.of(memory);
        chunk.retain();
        chunk.release();
        assertThat(text(chunk)).isEqualTo("secret");
        chunk.release();

        assertThat(memory.refCnt()).isZero();
        assertOutside(() -> chunk.at(0));
        assertOutside(() -> chunk.intAt(0));
        assertOutside(() -> chunk.filled(1));
        assertThatThrownBy(chunk::retain).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(chunk::release).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSliceStaysAsItIs() {
        Chunk chunk = Chunk.create(16).add(bytes("first"));
        ByteBuf slice = chunk.slice(1, 5);
        chunk.clear().add(bytes("other and much longer than before"));

        assertThat(slice.toString(StandardCharsets.US_ASCII)).isEqualTo("irst");
        chunk.release();
        assertThat(slice.toString(StandardCharsets.US_ASCII)).isEqualTo("irst");
        assertThat(slice.release()).isTrue();
    }

    @Test
    void aSmallSliceDoesNotKeepTheMemory() {
        Chunk chunk = Chunk.create(1024).add(bytes("first"));
        ByteBuf slice = chunk.slice(1, 5);
        chunk.release();

        assertThat(slice.capacity()).isEqualTo(4);
        assertThat(slice.toString(StandardCharsets.US_ASCII)).isEqualTo("irst");
        assertThat(slice.release()).isTrue();
    }

    @Test
    void memoryIsUsedAgainWhenNobodyHasASlice() {
        ByteBuf memory = Unpooled.directBuffer().writeBytes(bytes("first"));
        Chunk chunk = Chunk.of(memory);
        chunk.slice(0, 5).release();
        chunk.clear().add(bytes("again"));

        assertThat(memory.getByte(0)).isEqualTo((byte) 'a');
        chunk.release();
        assertThat(memory.refCnt()).isZero();
    }

    @Test
    void whatIsLentIsNotWrittenTo() {
        Chunk chunk = Chunk.create(16);
        ByteBuf lent = chunk.lend().writeBytes(bytes("lent"));
        chunk.clear().add(bytes("mine"));

        assertThat(lent.toString(StandardCharsets.US_ASCII)).isEqualTo("lent");
        assertThat(text(chunk)).isEqualTo("mine");
        assertThat(lent.release()).isTrue();
        chunk.release();
    }
}
