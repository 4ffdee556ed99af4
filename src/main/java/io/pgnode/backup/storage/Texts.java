package io.pgnode.backup.storage;

import java.nio.charset.StandardCharsets;

/** Texts of requests. */
final class Texts {
    private Texts() {}

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
