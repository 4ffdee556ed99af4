package io.pgnode.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpeningReaderTest {
    private static ByteBuf login(String... namesAndValues) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            parameters.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        ByteBuf out = Unpooled.buffer();
        FrontendMessages.startup(out, parameters);
        return out;
    }

    private static @Nullable Opening read(ByteBuf in) throws ProtocolViolation {
        return OpeningReader.read(in);
    }

    private static Opening.Login readLogin(ByteBuf in) throws ProtocolViolation {
        return (Opening.Login) Objects.requireNonNull(read(in));
    }

    @Test
    void readsALoginThatComesByteByByte() throws ProtocolViolation {
        ByteBuf whole = login("user", "alice", "database", "shop", "application_name", "x y");
        ByteBuf in = Unpooled.buffer();
        while (whole.readableBytes() > 1) {
            in.writeByte(whole.readByte());
            assertThat(read(in)).isNull();
        }
        in.writeByte(whole.readByte());

        Opening.Login login = readLogin(in);

        assertThat(login.user()).isEqualTo("alice");
        assertThat(login.database()).isEqualTo("shop");
        assertThat(login.parameters()).containsEntry("application_name", "x y");
        assertThat(login.needsNegotiation()).isFalse();
        assertThat(in.isReadable()).isFalse();
    }

    @Test
    void databaseIsTheUsersWhenNoneIsNamed() throws ProtocolViolation {
        assertThat(readLogin(login("user", "alice")).database()).isEqualTo("alice");
    }

    @Test
    void newerMinorVersionsAndOptionsNeedNegotiation() throws ProtocolViolation {
        ByteBuf in = login("user", "a", "_pq_.command", "1");
        in.setShort(6, 2);

        Opening.Login login = readLogin(in);

        assertThat(login.needsNegotiation()).isTrue();
        assertThat(login.protocolOptions()).isEqualTo(List.of("_pq_.command"));
        assertThat(login.parameters()).doesNotContainKey("_pq_.command");
    }

    @Test
    void readsTlsRequestsAndCancelRequests() throws ProtocolViolation {
        ByteBuf tls = Unpooled.buffer();
        FrontendMessages.tlsRequest(tls);
        ByteBuf cancel = Unpooled.buffer();
        FrontendMessages.cancelRequest(cancel, new CancelKey(-5, 77));

        assertThat(read(tls)).isEqualTo(new Opening.TlsRequest());
        assertThat(read(cancel)).isEqualTo(new Opening.Cancel(new CancelKey(-5, 77)));
    }

    @Test
    void cancelKeysSurvivePacking() {
        CancelKey key = new CancelKey(-123, Integer.MIN_VALUE);

        assertThat(CancelKey.of(key.packed())).isEqualTo(key);
        assertThat(key.toString()).doesNotContain(Integer.toString(Integer.MIN_VALUE));
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 4, 7, 10_001, Integer.MAX_VALUE})
    void lengthsOutOfRangeAreRefusedBeforeTheRestArrives(int length) {
        ByteBuf in = Unpooled.buffer().writeInt(length);

        assertThatThrownBy(() -> read(in)).isInstanceOf(ProtocolViolation.class);
    }

    @Test
    void protocolTwoIsRefused() {
        ByteBuf in = Unpooled.buffer().writeInt(8).writeInt(2 << 16);

        assertThatThrownBy(() -> read(in))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("unsupported frontend protocol 2.0");
    }

    /** Whatever comes: a result, a request for more, or a refusal; nothing else. */
    @Test
    void randomBytesNeverBreakIt() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] junk = new byte[random.nextInt(64)];
            random.nextBytes(junk);
            ByteBuf in = Unpooled.buffer().writeInt(8 + junk.length).writeInt(3 << 16);
            in.writeBytes(junk);
            try {
                read(in);
            } catch (ProtocolViolation e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    @Test
    void errorsAreReadAsTheyAreWritten() throws ProtocolViolation {
        ErrorMessage error = new ErrorMessage("FATAL", "28P01", "no entry", "because", "try again");
        ByteBuf out = Unpooled.buffer();
        error.writeTo(out);

        assertThat(out.getByte(0)).isEqualTo(BackendTag.ERROR_RESPONSE);
        assertThat(Frames.size(out, 0, 1000)).isEqualTo(out.readableBytes());
        assertThat(ErrorMessage.read(out, 5, out.writerIndex())).isEqualTo(error);
        assertThat(out.toString(StandardCharsets.US_ASCII)).contains("Mno entry");
    }
}
