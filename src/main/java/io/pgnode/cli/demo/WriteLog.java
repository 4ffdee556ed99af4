package io.pgnode.cli.demo;

import java.util.ArrayList;
import java.util.List;

/**
 * Which rows the cluster has acknowledged, and the longest pause between two acknowledgements.
 * Thread-safe.
 */
public final class WriteLog {
    private final List<Long> acknowledged = new ArrayList<>();
    private long lastNanos;
    private long markNanos;
    private long longestNanos;
    private long sinceMark;

    /**
     * @param startNanos when writing starts
     */
    public WriteLog(long startNanos) {
        lastNanos = startNanos;
        markNanos = startNanos;
    }

    /** A row was acknowledged at {@code nowNanos}. */
    public synchronized void acknowledge(long id, long nowNanos) {
        acknowledged.add(id);
        longestNanos = Math.max(longestNanos, nowNanos - lastNanos);
        lastNanos = nowNanos;
        if (nowNanos - markNanos > 0) {
            sinceMark++;
        }
    }

    /** Forgets the pauses until now: what comes is counted for the next case. */
    public synchronized void mark(long nowNanos) {
        markNanos = nowNanos;
        longestNanos = 0;
        sinceMark = 0;
    }

    /** Rows acknowledged since the mark. */
    public synchronized long sinceMark() {
        return sinceMark;
    }

    /** The longest pause that ended since the mark, or goes on at {@code nowNanos}. */
    public synchronized long longestPauseNanos(long nowNanos) {
        return Math.max(longestNanos, nowNanos - lastNanos);
    }

    /** How long ago the last row was acknowledged. */
    public synchronized long silentNanos(long nowNanos) {
        return nowNanos - lastNanos;
    }

    public synchronized List<Long> acknowledged() {
        return List.copyOf(acknowledged);
    }
}
