package io.pgnode.testing;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** An answer of an S3 server. */
@SuppressWarnings("ArrayRecordComponent")
record S3Reply(int status, Map<String, String> headers, byte[] body) {
    static S3Reply empty(int status) {
        return new S3Reply(status, Map.of(), new byte[0]);
    }

    static S3Reply xml(int status, String body) {
        return new S3Reply(
                status,
                Map.of("Content-Type", "application/xml"),
                body.getBytes(StandardCharsets.UTF_8));
    }
}
