package io.pgnode.backup.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3SettingsTest {
    @ParameterizedTest
    @CsvSource({
        "s3.eu.example.com, 0, https://s3.eu.example.com",
        "s3.example.com:9000, 0, https://s3.example.com:9000",
        "s3.example.com, 9000, https://s3.example.com:9000",
        "https://s3.example.com/, 443, https://s3.example.com",
        "HTTP://10.0.0.1, 80, http://10.0.0.1",
        "http://[::1]:9000, 1, http://[::1]:9000"
    })
    void endpointIsRead(String text, int port, String uri) {
        assertThat(S3Settings.Bucket.endpoint(text, port)).hasToString(uri);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ftp://x", "a b", "http://u:p@h", "h/path", "h?x=y", "://"})
    void otherEndpointsAreRefused(String text) {
        assertThatThrownBy(() -> S3Settings.Bucket.endpoint(text, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("S3 endpoint");
    }

    @Test
    void bucketIsInTheHostOrInThePath() {
        S3Address inHost = address("https://s3.example.com", S3Settings.UriStyle.HOST);
        S3Address inPath = address("http://s3.example.com:9000", S3Settings.UriStyle.PATH);

        assertThat(inHost.host()).isEqualTo("b.s3.example.com");
        assertThat(inHost.uri(inHost.path("r/a b"), "x=y"))
                .hasToString("https://b.s3.example.com/r/a%20b?x=y");
        assertThat(inPath.host()).isEqualTo("s3.example.com:9000");
        assertThat(inPath.uri(inPath.path("r/ö+"), ""))
                .hasToString("http://s3.example.com:9000/b/r/%C3%B6%2B");
    }

    private static S3Address address(String endpoint, S3Settings.UriStyle style) {
        return S3Address.of(
                new S3Settings.Bucket(S3Settings.Bucket.endpoint(endpoint, 0), "b", "eu", style));
    }

    @Test
    void partsAreFewEnoughForTheLargestObjects() {
        for (long size : new long[] {0, 1L << 30, 1L << 40, 5L << 40}) {
            PartSizes sizes = PartSizes.of(size);
            long total = 0;
            int number = 0;
            while (total < size) {
                number++;
                assertThat(sizes.size(number)).isGreaterThanOrEqualTo(PartSizes.LEAST);
                total += sizes.size(number);
            }
            assertThat(number).isLessThanOrEqualTo(8000);
        }
        PartSizes unexpected = PartSizes.of(0);
        long total = 0;
        for (int number = 1; number <= PartSizes.MOST_PARTS; number++) {
            total += unexpected.size(number);
        }
        assertThat(total).isGreaterThan(300L << 30);
        assertThat(unexpected.size(1)).isEqualTo(8 << 20);
    }

    @Test
    void rootIsNormalized() {
        assertThat(RepositoryPath.normalize("/")).isEmpty();
        assertThat(RepositoryPath.normalize("/a/b/")).isEqualTo("a/b");
        assertThatThrownBy(() -> RepositoryPath.normalize("/a/../b"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
