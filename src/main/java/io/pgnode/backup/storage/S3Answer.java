package io.pgnode.backup.storage;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.OptionalLong;

/** A store's answer; who has it closes it. */
record S3Answer(HttpResponse<S3Body> response) implements AutoCloseable {
    /** The largest is a list of 1000 long keys. */
    static final int BODY_LIMIT = 16 * 1024 * 1024;

    int status() {
        return response.statusCode();
    }

    boolean isSuccess() {
        return status() / 100 == 2;
    }

    String header(String name) {
        return response.headers().firstValue(name).orElse("");
    }

    OptionalLong length() {
        try {
            return response.headers().firstValueAsLong("content-length");
        } catch (NumberFormatException _) {
            return OptionalLong.empty();
        }
    }

    InputStream stream() {
        return response.body();
    }

    /** The whole body, which is a small one. */
    byte[] body() throws IOException {
        try (S3Body body = response.body()) {
            byte[] bytes = body.readNBytes(BODY_LIMIT);
            if (bytes.length == BODY_LIMIT) {
                throw new BadAnswerException("answer has more than " + BODY_LIMIT + " bytes");
            }
            return bytes;
        }
    }

    Xml xml() throws IOException {
        return Xml.parse(body());
    }

    @Override
    public void close() {
        response.body().close();
    }
}
