package io.pgnode.cli;

import io.pgnode.cli.backup.Amounts;
import java.time.Duration;

/**
 * How a long job goes on, on standard error: one line that changes on a terminal, else a line now
 * and then. Thread-safe.
 */
final class ProgressLine {
    private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(10);
    private static final Duration TERMINAL_INTERVAL = Duration.ofMillis(200);
    private static final String CLEAR = "\r\033[K";

    private final Console console;
    private final boolean isTerminal;
    private long last;
    private String phase = "";
    private boolean isOpen;

    ProgressLine(Console console) {
        this.console = console;
        this.isTerminal = console.surroundings().terminal().errorIsTerminal();
    }

    /**
     * @param bytesPerSecond zero when unknown
     * @param left zero when unknown
     */
    synchronized void show(
            String now, long done, long total, double bytesPerSecond, Duration left) {
        boolean isNew = !now.equals(phase);
        Duration interval = isTerminal ? TERMINAL_INTERVAL : PLAIN_INTERVAL;
        long nanos = System.nanoTime();
        if (!isNew && nanos - last < interval.toNanos()) {
            return;
        }
        phase = now;
        last = nanos;
        String text = text(now, done, total, bytesPerSecond, left);
        if (isTerminal) {
            console.progress(CLEAR + text);
            isOpen = true;
        } else {
            console.note(text);
        }
    }

    static String text(String phase, long done, long total, double bytesPerSecond, Duration left) {
        StringBuilder text = new StringBuilder(phase);
        if (total > 0) {
            text.append("  ").append(Amounts.bytes(done));
            text.append(" of ").append(Amounts.bytes(total));
            text.append("  ").append(done * 100 / total).append(" %");
        }
        if (bytesPerSecond > 0) {
            text.append("  ").append(Amounts.bytes(bytesPerSecond)).append("/s");
        }
        if (!left.isZero()) {
            text.append("  ").append(Amounts.time(left)).append(" left");
        }
        return text.toString();
    }

    /** A sentence above the line. */
    synchronized void note(String sentence) {
        end();
        console.note(sentence);
    }

    /** Takes the line away. */
    synchronized void end() {
        if (isOpen) {
            console.progress(CLEAR);
            isOpen = false;
        }
    }
}
