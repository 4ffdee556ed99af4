package io.pgnode.backup.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.Checksum;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the hashes should be was computed by libxxhash 0.8 and sha1sum. */
class HashesTest {
    private static final byte[] DATA = data(100_000);

    /** One of each class of lengths, and their borders. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0 99aa06d3014798d86001c324468d497f",
                "1 9a0f174ae92e6df2e5e62017e96f839c",
                "3 da47c2149249db69d3bcc83c6f14e70f",
                "4 504303785d7b5ac9e267cf807951fe26",
                "8 e4f1bc54c38ed231ec0b5b60d4670d0e",
                "9 046e6473695659653b1764b161f03ecd",
                "16 82d56864b86d46550c85c3b7b344cfaf",
                "17 e07226299d418421ee80c12e2eaa110d",
                "128 4a4e39fcfa4515aa08d61631b87e5395",
                "129 5d41bb88ee7f7e4511b15591bb767e79",
                "240 f92b835add69c25d4627a2b0d94e7351",
                "241 80610486edf872df5c56141c894cd97e",
                "1024 dcc4b2941cb5e5e40551dea22e104ea8",
                "1025 2e457d89ed1973d3dbe2ed3c377d9922",
                "8192 56adfac4181a845ba5352abd89199b0d",
                "90112 2b628e7c48bad33ef291e09a458b0103",
                "100000 074cd6f4fc8fa18ea17aee0fec64d284"
            })
    void xxh3OfKnownBytes(String spec) {
        int length = Integer.parseInt(spec.substring(0, spec.indexOf(' ')));

        assertThat(HexFormat.of().formatHex(Xxh3.hash128(DATA, 0, length)))
                .isEqualTo(spec.substring(spec.indexOf(' ') + 1));
    }

    @Test
    void xxh3OfEveryLength() {
        Sha1 all = new Sha1();
        for (int length = 0; length < 3000; length++) {
            all.update(Xxh3.hash128(DATA, 0, length), 0, Xxh3.BYTES);
        }

        assertThat(all.digest())
                .isEqualTo(Checksum.parse("2f58df05d7f313d04c69bc9dda2dabcf64efd0f0"));
    }

    @Test
    void xxh3StartsAnywhereAndMayBeCut() {
        byte[] moved = new byte[5013];
        System.arraycopy(DATA, 0, moved, 13, 5000);
        byte[] cut = new byte[10];
        Xxh3.hash128(moved, 13, 5000, cut, 2, 7);

        byte[] whole = Xxh3.hash128(DATA, 0, 5000);
        for (int i = 0; i < 7; i++) {
            assertThat(cut[2 + i]).isEqualTo(whole[i]);
        }
        assertThat(cut[9]).isZero();
    }

    @Test
    void sha1InPieces() {
        Sha1 sha1 = new Sha1();
        assertThat(sha1.digest()).isEqualTo(Checksum.OF_NOTHING);
        sha1.update(Samples.bytes("xabcx"), 1, 2);
        sha1.update(Samples.bytes("c"), 0, 1);
        assertThat(sha1.digest())
                .hasToString("a9993e364706816aba3e25717850c26c9cd0d89d")
                .isEqualTo(Sha1.of(Samples.bytes("abc")));
        assertThat(sha1.digest()).isEqualTo(Checksum.OF_NOTHING);
    }

    private static byte[] data(int length) {
        byte[] data = new byte[length];
        int state = 1;
        for (int i = 0; i < length; i++) {
            state = (state * 1103515245 + 12345) & 0x7fffffff;
            data[i] = (byte) (state >>> 16);
        }
        return data;
    }
}
