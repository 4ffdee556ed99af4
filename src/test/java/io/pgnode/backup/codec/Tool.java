package io.pgnode.backup.codec;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A command line tool that takes bytes and gives bytes. */
final class Tool {
    private Tool() {}

    static byte[] run(byte[] input, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of(command)).start();
        Thread writer =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try (OutputStream out = process.getOutputStream()) {
                                        out.write(input);
                                    } catch (IOException e) {
                                        // Its exit code will tell.
                                    }
                                });
        byte[] output;
        try (InputStream in = process.getInputStream()) {
            output = in.readAllBytes();
        }
        writer.join();
        int exit = process.waitFor();
        if (exit != 0) {
            throw new IOException(
                    "%s: exit %d: %s"
                            .formatted(
                                    command[0],
                                    exit,
                                    new String(
                                            process.getErrorStream().readAllBytes(),
                                            StandardCharsets.UTF_8)));
        }
        return output;
    }
}
