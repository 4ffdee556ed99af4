package io.pgnode.backup.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.config.Secret;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The examples that AWS has published for Signature Version 4. */
class S3SignerTest {
    private static final String NOTHING =
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private final S3Signer s3 =
            new S3Signer(
                    "AKIAIOSFODNN7EXAMPLE",
                    new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                    "us-east-1",
                    "s3");
    private final S3Signer suite =
            new S3Signer(
                    "AKIDEXAMPLE",
                    new Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                    "us-east-1",
                    "service");

    @Test
    void getOfARange() {
        String signed =
                s3.authorization(
                        "GET",
                        "/test.txt",
                        "",
                        s3Headers(NOTHING, Map.of("range", "bytes=0-9")),
                        NOTHING);

        assertThat(signed)
                .isEqualTo(
                        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
                                + "aws4_request,SignedHeaders=host;range;x-amz-content-sha256;"
                                + "x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170"
                                + "aba48dd91039c6036bdb41");
    }

    @Test
    void putOfAnObject() {
        String hash = Digests.hex(Digests.sha256(Texts.utf8("Welcome to Amazon S3.")));
        String signed =
                s3.authorization(
                        "PUT",
                        UriText.path("/test$file.text"),
                        "",
                        s3Headers(
                                hash,
                                Map.of(
                                        "date", "Fri, 24 May 2013 00:00:00 GMT",
                                        "x-amz-storage-class", "REDUCED_REDUNDANCY")),
                        hash);

        assertThat(signed)
                .endsWith(
                        "Signature="
                                + "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    }

    @Test
    void listOfABucket() {
        String query = UriText.query(new TreeMap<>(Map.of("max-keys", "2", "prefix", "J")));

        assertThat(s3.authorization("GET", "/", query, s3Headers(NOTHING, Map.of()), NOTHING))
                .endsWith(
                        "Signature="
                                + "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
    }

    @Test
    void parameterWithoutValue() {
        String query = UriText.query(new TreeMap<>(Map.of("lifecycle", "")));

        assertThat(s3.authorization("GET", "/", query, s3Headers(NOTHING, Map.of()), NOTHING))
                .endsWith(
                        "Signature="
                                + "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    }

    @Test
    void plainGetOfTheTestSuite() {
        assertThat(suite.authorization("GET", "/", "", suiteHeaders(Map.of()), NOTHING))
                .isEqualTo(
                        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/"
                                + "aws4_request,SignedHeaders=host;x-amz-date,Signature="
                                + "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    }

    @Test
    void utf8InThePathOfTheTestSuite() {
        assertThat(
                        suite.authorization(
                                "GET", UriText.path("/ሴ"), "", suiteHeaders(Map.of()), NOTHING))
                .endsWith(
                        "Signature="
                                + "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
    }

    @Test
    void spacesInAHeaderOfTheTestSuite() {
        assertThat(
                        suite.authorization(
                                "GET",
                                "/",
                                "",
                                suiteHeaders(
                                        Map.of(
                                                "my-header1", " value1",
                                                "my-header2", " \"a   b   c\"")),
                                NOTHING))
                .endsWith(
                        "Signature="
                                + "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
    }

    private static SortedMap<String, String> s3Headers(String hash, Map<String, String> more) {
        var headers = new TreeMap<>(more);
        headers.put("host", "examplebucket.s3.amazonaws.com");
        headers.put("x-amz-content-sha256", hash);
        headers.put("x-amz-date", "20130524T000000Z");
        return headers;
    }

    private static SortedMap<String, String> suiteHeaders(Map<String, String> more) {
        var headers = new TreeMap<>(more);
        headers.put("host", "example.amazonaws.com");
        headers.put("x-amz-date", "20150830T123600Z");
        return headers;
    }
}
