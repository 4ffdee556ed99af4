package io.pgnode.backup.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Bytes to compress: noise, text, zeros and mixtures of them. */
final class Samples {
    private Samples() {}

    /** Half noise, half repetition, in runs of some hundred bytes. */
    static byte[] mixed(int length, long seed) {
        Random random = new Random(seed);
        byte[] data = new byte[length];
        int position = 0;
        while (position < length) {
            int run = Math.min(length - position, 1 + random.nextInt(700));
            if (random.nextBoolean()) {
                byte[] noise = new byte[run];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, data, position, run);
            } else {
                Arrays.fill(data, position, position + run, (byte) random.nextInt(4));
            }
            position += run;
        }
        return data;
    }

    static byte[] noise(int length, long seed) {
        byte[] data = new byte[length];
        new Random(seed).nextBytes(data);
        return data;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
