package io.pgnode.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a command said.
 *
 * @param exit its code
 */
public record Outcome(int exit, String out, String err) {
    static Outcome of(List<String> words, Duration limit) {
        try {
            Path out = Files.createTempFile("pgnode-", ".out");
            Path err = Files.createTempFile("pgnode-", ".err");
            try {
                Process process =
                        new ProcessBuilder(words)
                                .redirectOutput(out.toFile())
                                .redirectError(err.toFile())
                                .start();
                process.getOutputStream().close();
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(
                            words + " did not end within " + limit + ": " + text(out) + text(err));
                }
                return new Outcome(process.exitValue(), text(out), text(err));
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + words, e);
        }
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    /** What it printed; fails when it failed. */
    public String must() {
        if (exit != 0) {
            throw new AssertionError("exit code " + exit + ": " + out + err);
        }
        return out;
    }
}
