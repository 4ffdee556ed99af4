package io.pgnode.postgres.core;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long it takes to make a replica, roughly, in the two ways that there are.
 *
 * <p>Nothing has been measured when this is asked: the figures are those of small machines with a
 * link of 1 Gbit/s. What counts is not how good they are but that the two ways differ by much where
 * it matters. pg_basebackup sends every byte of the cluster as it is, by one stream, and the leader
 * reads it; a restore fetches compressed bytes by several threads, but has to replay what was
 * written since the backup.
 *
 * @param repository restore and replay
 * @param basebackup pg_basebackup
 */
public record CopyEstimate(Duration repository, Duration basebackup) {
    /** What comes over the link, from a member or a repository, bytes a second. */
    static final long LINK = 110_000_000;

    /** What one thread of a restore unpacks and writes, bytes a second. */
    static final long WORKER = 250_000_000;

    /** Where disks end to follow the threads, bytes a second. */
    static final long DISK = 2_000_000_000;

    /** Segments' bytes a second that a standby fetches and replays. */
    static final long REPLAY = 160_000_000;

    /** What one thread reads and compares of a directory that is reused, bytes a second. */
    static final long COMPARE = 500_000_000;

    /** Of what is reused, the part that is not fetched: one half. */
    static final int REUSED = 2;

    /** Planning, two starts of the program, making it durable. */
    static final Duration RESTORE_START = Duration.ofSeconds(5);

    /** The checkpoint on the leader. */
    static final Duration BASEBACKUP_START = Duration.ofSeconds(2);

    private static final Pattern RATE =
            Pattern.compile("(?:--max-rate=|-r\\s*)(\\d+)(?:\\.\\d+)?\\s*([kM]?)");

    /**
     * @param clusterBytes size of the cluster; the backup's when not positive
     * @param localBytes of the data directory that a restore would reuse; zero for none
     * @param options of pg_basebackup: a rate that they set counts
     */
    public static CopyEstimate of(
            RepositoryOffer offer, long clusterBytes, long localBytes, List<String> options) {
        long reused = Math.min(localBytes, offer.dataBytes());
        long fetched = offer.storedBytes();
        long written = offer.dataBytes();
        Duration compare = Duration.ZERO;
        if (reused > 0) {
            double rest = 1 - (double) reused / offer.dataBytes() / REUSED;
            fetched = (long) (fetched * rest);
            written = (long) (written * rest);
            compare = time(reused, COMPARE * offer.workers());
        }
        Duration fetch = time(fetched, LINK);
        Duration write = time(written, Math.min(DISK, WORKER * offer.workers()));
        Duration repository =
                RESTORE_START
                        .plus(compare)
                        .plus(fetch.compareTo(write) > 0 ? fetch : write)
                        .plus(time(offer.walBytes(), REPLAY));
        long size = clusterBytes > 0 ? clusterBytes : offer.dataBytes();
        long pace = Math.min(LINK, rate(options).orElse(LINK));
        return new CopyEstimate(repository, BASEBACKUP_START.plus(time(size, pace)));
    }

    /** When both take as long, the leader is spared. */
    public boolean prefersRepository() {
        return repository.compareTo(basebackup) <= 0;
    }

    /** For the log. */
    @Override
    public String toString() {
        return "repository %.0f s, pg_basebackup %.0f s"
                .formatted(repository.toMillis() / 1000.0, basebackup.toMillis() / 1000.0);
    }

    /** Of {@code --max-rate}: kilobytes a second, unless it says M. */
    static OptionalLong rate(List<String> options) {
        for (String option : options) {
            Matcher matcher = RATE.matcher(option.strip());
            if (matcher.matches() && matcher.group(1).length() < 10) {
                long number = Long.parseLong(matcher.group(1));
                boolean isMega = matcher.group(2).toLowerCase(Locale.ROOT).equals("m");
                return OptionalLong.of(Math.max(1, number * (isMega ? 1024 * 1024 : 1024)));
            }
        }
        return OptionalLong.empty();
    }

    private static Duration time(long bytes, long perSecond) {
        return Duration.ofMillis((long) (bytes * 1000.0 / perSecond));
    }
}
