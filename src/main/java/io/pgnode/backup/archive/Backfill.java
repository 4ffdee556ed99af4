package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.model.Lsn;
import io.pgnode.postgres.core.HistoryFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/**
 * Archives what a primary could not archive before it was lost, from what its standbys have: they
 * marked the segments that they received as archived, and the archive has a gap at the end of the
 * timeline.
 *
 * <p>Every member does so for itself, with its own {@code pg_wal}. Only whole segments of a
 * timeline that an archived history has left are pushed, up to where it was left: of those all
 * members have the same bytes.
 */
final class Backfill {
    private static final Logger LOG = Logger.getLogger(Backfill.class);
    private static final int PAGE = 8192;
    private static final int PAGE_ADDRESS_AT = 8;
    private static final int PAGE_HEADER = 16;

    private final Path wal;
    private final List<WalRepository> repositories;

    /** Segments by repository that it is known to have. */
    private final Map<Integer, Set<WalSegment>> known = new HashMap<>();

    /**
     * @param wal the directory {@code pg_wal}
     */
    Backfill(Path wal, List<WalRepository> repositories) {
        this.wal = wal;
        this.repositories = List.copyOf(repositories);
    }

    /**
     * Looks once; returns how many segments were missing and are archived now. Not for two threads.
     *
     * @throws BackupException of a repository; what was done before stays
     */
    int run() throws BackupException {
        int pushed = 0;
        try {
            NavigableSet<WalSegment> segments = segments();
            if (segments.isEmpty()) {
                return 0;
            }
            int size = WalHeader.read(path(segments.first())).segmentSize();
            for (WalRepository repository : repositories) {
                Map<Integer, Lsn> ends = ends(repository.histories());
                for (WalSegment segment : segments) {
                    Lsn end = ends.get(segment.timeline());
                    if (end == null || segment.next(size).start(size).compareTo(end) > 0) {
                        continue;
                    }
                    pushed += fill(repository, segment, size, segments) ? 1 : 0;
                }
            }
        } catch (NoSuchFileException e) {
            LOG.debugf("gone meanwhile: %s", e.getMessage());
        } catch (IOException e) {
            LOG.warnf("cannot look for WAL that is missing in the archive: %s", e.getMessage());
        }
        return pushed;
    }

    private boolean fill(
            WalRepository repository, WalSegment segment, int size, Set<WalSegment> segments)
            throws BackupException, IOException {
        Set<WalSegment> there = known.computeIfAbsent(repository.key(), _ -> new HashSet<>());
        there.retainAll(segments);
        if (there.contains(segment)) {
            return false;
        }
        WalFile file = new WalFile.Segment(segment);
        boolean isMissing = !repository.isThere(file);
        if (isMissing) {
            if (!isWhole(segment, size, segments)) {
                return false;
            }
            repository.push(file, path(segment));
            LOG.warnf(
                    "archived WAL that its primary did not archive: segment=%s repository=%s",
                    segment, repository.describe());
        }
        there.add(segment);
        return isMissing;
    }

    /** Where archived histories leave each timeline; the first place when they do not agree. */
    private static Map<Integer, Lsn> ends(Map<Integer, HistoryFile> histories) {
        Map<Integer, Lsn> ends = new HashMap<>();
        for (HistoryFile history : histories.values()) {
            for (HistoryFile.Line line : history.lines()) {
                ends.merge(
                        line.timeline(), line.switchLsn(), (a, b) -> a.compareTo(b) <= 0 ? a : b);
            }
        }
        return ends;
    }

    private NavigableSet<WalSegment> segments() throws IOException {
        NavigableSet<WalSegment> found = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(wal)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (WalSegment.isName(name)) {
                    found.add(WalSegment.parse(name));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    /**
     * Whether all of it was received. A file may be one of an earlier time that waits to be written
     * again under this name, and one that is written to has such pages at its end: every page must
     * say where it belongs, or be empty with all after it, as pg_switch_wal leaves them. Since WAL
     * comes in order, the next segment has been begun then.
     */
    private boolean isWhole(WalSegment segment, int size, Set<WalSegment> segments)
            throws IOException {
        long start = segment.start(size).value();
        ByteBuffer content;
        try (InputStream in = Files.newInputStream(path(segment))) {
            content = ByteBuffer.wrap(in.readNBytes(size)).order(ByteOrder.LITTLE_ENDIAN);
        }
        if (content.limit() != size) {
            return false;
        }
        boolean isEmpty = false;
        for (int at = 0; at < size; at += PAGE) {
            long address = content.getLong(at + PAGE_ADDRESS_AT);
            isEmpty = isEmpty || at > 0 && address == 0;
            if (address != (isEmpty ? 0 : start + at)) {
                return false;
            }
        }
        return isBegun(segment.next(size), size, segments);
    }

    /** On this timeline or a later one. */
    private boolean isBegun(WalSegment next, int size, Set<WalSegment> segments)
            throws IOException {
        List<WalSegment> same = new ArrayList<>();
        for (WalSegment segment : segments) {
            if (segment.number(size) == next.number(size)
                    && Integer.compareUnsigned(segment.timeline(), next.timeline()) >= 0) {
                same.add(segment);
            }
        }
        for (WalSegment segment : same) {
            try (InputStream in = Files.newInputStream(path(segment))) {
                byte[] header = in.readNBytes(PAGE_HEADER);
                if (header.length == PAGE_HEADER
                        && ByteBuffer.wrap(header)
                                        .order(ByteOrder.LITTLE_ENDIAN)
                                        .getLong(PAGE_ADDRESS_AT)
                                == next.start(size).value()) {
                    return true;
                }
            }
        }
        return false;
    }

    private Path path(WalSegment segment) {
        return wal.resolve(segment.text());
    }
}
