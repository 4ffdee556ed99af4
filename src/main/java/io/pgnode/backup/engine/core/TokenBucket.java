package io.pgnode.backup.engine.core;

/** A rate limit: so many bytes a second, with up to a quarter of a second saved up. */
public final class TokenBucket {
    private static final double NANOS = 1e9;
    private static final double SAVED_SECONDS = 0.25;

    private final double perNano;
    private final double most;
    private double tokens;
    private long lastNanos;

    /**
     * @param bytesPerSecond more than zero
     */
    public TokenBucket(long bytesPerSecond, long nowNanos) {
        this.perNano = bytesPerSecond / NANOS;
        this.most = bytesPerSecond * SAVED_SECONDS;
        this.tokens = most;
        this.lastNanos = nowNanos;
    }

    /**
     * Takes the bytes, also on credit.
     *
     * @return nanoseconds to wait before they are used
     */
    public synchronized long take(long bytes, long nowNanos) {
        tokens = Math.min(most, tokens + (nowNanos - lastNanos) * perNano) - bytes;
        lastNanos = nowNanos;
        return tokens >= 0 ? 0 : (long) (-tokens / perNano);
    }
}
