package io.pgnode.postgres;

import io.pgnode.os.AtomicFile;
import io.pgnode.os.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Properties;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Remembers, in a file beside the data directory, that this member promoted it.
 *
 * <p>Two standbys that are promoted at the same position begin two timelines of the same number.
 * Neither their history files nor pg_rewind can tell them apart, and once the loser has run as a
 * standby nothing in its data directory says that it ever was a primary. So the marker is written
 * before the promotion is asked for, and stays until the directory is copied anew, rewound, or has
 * followed a leader to a later timeline.
 *
 * <p>Which number PostgreSQL took is looked up later, from the history file that it wrote, so that
 * nothing but one small file stands between the decision and the promotion.
 *
 * <p>Confined to the thread that acts on the instance, but for {@link #timeline}.
 */
final class PromotionMarker {
    private static final Logger LOG = Logger.getLogger(PromotionMarker.class);
    private static final int PENDING = 0;

    /**
     * @param systemId of the data directory
     * @param after the newest timeline known before; the promotion took a later one
     * @param timeline that it took; {@link #PENDING} while that was not looked up
     * @param epoch in which it was decided; zero when unknown
     */
    private record Promotion(String systemId, int after, int timeline, long epoch) {}

    private final DataDirectory data;
    private final Path file;
    private volatile @Nullable Promotion last;

    PromotionMarker(DataDirectory data) {
        this.data = data;
        this.file = data.beside("promoted");
        this.last = read();
    }

    /** The timeline that the last promotion here began; zero when there was none, or not yet. */
    int timeline(String systemId) {
        Promotion promotion = last;
        return promotion != null && promotion.systemId().equals(systemId)
                ? promotion.timeline()
                : 0;
    }

    /** Call before the promotion is asked for. */
    void begin(String systemId, int timeline, long epoch) throws PostgresException {
        write(new Promotion(systemId, Math.max(timeline, data.newestTimeline()), PENDING, epoch));
    }

    /** Call before the directory starts as a standby: finds out what became of a promotion. */
    void settle(int timeline) throws PostgresException {
        Promotion promotion = last;
        if (promotion == null) {
            return;
        }
        if (promotion.timeline() == PENDING) {
            int newest = Math.max(timeline, data.newestTimeline());
            if (newest > promotion.after()) {
                write(
                        new Promotion(
                                promotion.systemId(),
                                promotion.after(),
                                newest,
                                promotion.epoch()));
            } else {
                remove();
            }
        } else if (timeline > promotion.timeline()) {
            remove();
        }
    }

    /** The running standby follows somebody else: the promotion that was begun did not happen. */
    void notPromoted() throws PostgresException {
        Promotion promotion = last;
        if (promotion != null && promotion.timeline() == PENDING) {
            remove();
        }
    }

    /** The data directory holds somebody else's history now, or none. */
    void remove() throws PostgresException {
        if (last == null) {
            return;
        }
        try {
            Files.deleteIfExists(file);
            Directories.sync(data.parent());
            last = null;
        } catch (IOException e) {
            throw new PostgresException("cannot remove " + file + ": " + e.getMessage(), e);
        }
    }

    private void write(Promotion promotion) throws PostgresException {
        String text =
                "system_id=%s\nafter=%d\ntimeline=%d\nepoch=%d\n"
                        .formatted(
                                promotion.systemId(),
                                promotion.after(),
                                promotion.timeline(),
                                promotion.epoch());
        try {
            AtomicFile.write(file, text, AtomicFile.OWNER_ONLY);
            last = promotion;
        } catch (IOException e) {
            throw new PostgresException(
                    "cannot write " + file + ": " + e.getMessage(),
                    "the parent of the data directory must be writable for its owner");
        }
    }

    private @Nullable Promotion read() {
        try (var reader = Files.newBufferedReader(file)) {
            Properties lines = new Properties();
            lines.load(reader);
            return new Promotion(
                    lines.getProperty("system_id", ""),
                    Integer.parseInt(lines.getProperty("after", "")),
                    Integer.parseInt(lines.getProperty("timeline", "")),
                    Long.parseLong(lines.getProperty("epoch", "")));
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException | IllegalArgumentException e) {
            LOG.warnf("ignored an unreadable file=%s: %s", file, e.getMessage());
            return null;
        }
    }
}
