package io.pgnode.os;

import java.time.Duration;

/**
 * How a command ended.
 *
 * @param exitCode as a shell has it: 128 + n when signal n killed it
 * @param out captured standard output, cut at the limit; empty when lines went to a consumer
 * @param err captured standard error, its end if it was longer than the limit
 * @param timedOut the deadline passed and we killed it
 * @param elapsed from start to end
 */
public record CommandResult(
        int exitCode, String out, String err, boolean timedOut, Duration elapsed) {
    private static final int SIGNALLED = 128;

    public boolean isSuccess() {
        return exitCode == 0 && !timedOut;
    }

    /** Why it ended, one line for logs and errors: "exit code 1: FATAL: no such directory". */
    public String explain() {
        String how;
        if (timedOut) {
            how = "no end within " + elapsed.toMillis() + " ms";
        } else if (exitCode > SIGNALLED && exitCode < SIGNALLED + 65) {
            how = "killed by " + Signal.describe(exitCode - SIGNALLED);
        } else {
            how = "exit code " + exitCode;
        }
        String last = lastLine(err.isBlank() ? out : err);
        return last.isEmpty() ? how : how + ": " + last;
    }

    private static String lastLine(String text) {
        String stripped = text.strip();
        return stripped.substring(stripped.lastIndexOf('\n') + 1);
    }
}
