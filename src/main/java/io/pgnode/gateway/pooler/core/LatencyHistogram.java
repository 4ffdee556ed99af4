package io.pgnode.gateway.pooler.core;

/**
 * How long things took, in buckets whose width grows with the value: eight for each power of two,
 * so that a value read back is at most 12.5 % off. Recording allocates nothing. One thread writes;
 * others may read it meanwhile and see a count that is a moment old.
 */
public final class LatencyHistogram {
    private static final int SUB_BITS = 3;
    private static final int SUB = 1 << SUB_BITS;

    /** Microseconds up to 2^36, about 19 hours; what is longer counts as that. */
    private static final int POWERS = 36;

    private static final int BUCKETS = (POWERS - SUB_BITS + 1) * SUB;
    private static final long MAX_MICROS = (1L << POWERS) - 1;
    private static final long NANOS_OF_MICRO = 1_000;

    private final long[] counts = new long[BUCKETS];
    private long count;
    private long sumNanos;
    private long maxNanos;

    /**
     * @param nanos less than zero counts as zero
     */
    public void record(long nanos) {
        long value = Math.max(0, nanos);
        counts[bucket(value / NANOS_OF_MICRO)]++;
        count++;
        sumNanos += value;
        if (value > maxNanos) {
            maxNanos = value;
        }
    }

    private static int bucket(long micros) {
        if (micros < SUB) {
            return (int) micros;
        }
        long value = Math.min(micros, MAX_MICROS);
        int shift = 63 - Long.numberOfLeadingZeros(value) - SUB_BITS;
        return (shift + 1) * SUB + (int) (value >>> shift) - SUB;
    }

    /** The largest whole number of microseconds that falls into a bucket. */
    private static long upperMicros(int bucket) {
        if (bucket < SUB) {
            return bucket;
        }
        int shift = bucket / SUB - 1;
        return ((long) (bucket % SUB + SUB + 1) << shift) - 1;
    }

    /** Adds what another one has counted, which may go on meanwhile: our sums fit our buckets. */
    public void add(LatencyHistogram other) {
        for (int i = 0; i < BUCKETS; i++) {
            long more = other.counts[i];
            counts[i] += more;
            count += more;
        }
        sumNanos += other.sumNanos;
        maxNanos = Math.max(maxNanos, other.maxNanos);
    }

    public long count() {
        return count;
    }

    public long sumNanos() {
        return sumNanos;
    }

    public long maxNanos() {
        return maxNanos;
    }

    /**
     * The time within which this share of all were done, microseconds; zero when there are none.
     *
     * @param share of 0 to 1
     */
    public long quantileMicros(double share) {
        long wanted = Math.max(1, (long) Math.ceil(share * count));
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return Math.min(upperMicros(i), Math.ceilDiv(maxNanos, NANOS_OF_MICRO));
            }
        }
        return 0;
    }

    /**
     * How many took no longer than this.
     *
     * @param micros a power of two less one, or less than 8, is exact; of others the bucket counts
     *     as a whole
     */
    public long countUpTo(long micros) {
        long seen = 0;
        int last = bucket(micros);
        for (int i = 0; i <= last; i++) {
            seen += counts[i];
        }
        return seen;
    }
}
