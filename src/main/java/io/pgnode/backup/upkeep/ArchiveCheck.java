package io.pgnode.backup.upkeep;

import io.pgnode.backup.codec.Filter;
import io.pgnode.backup.codec.Filters;
import io.pgnode.backup.codec.Pipeline;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.StoredWal;
import io.pgnode.config.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks one cluster's WAL: each file by its name's digest, then what is missing between. */
final class ArchiveCheck {
    private static final int MAX_PLAIN = 1 << 20;
    private static final int MIN_SEGMENT = 1 << 20;
    private static final int MAX_SEGMENT = 1 << 30;
    private static final Pattern HISTORY =
            Pattern.compile("\\d+\\t[0-9A-F]{1,8}/[0-9A-F]{1,8}\\t[^\\n]*");
    private static final Pattern BACKUP_HISTORY =
            Pattern.compile(
                    "START WAL LOCATION: [0-9A-F]+/[0-9A-F]+ \\(file [0-9A-F]{24}\\)\\n"
                            + "STOP WAL LOCATION: [0-9A-F]+/[0-9A-F]+ \\(file [0-9A-F]{24}\\)\\n"
                            + "(?s:.*)STOP TIME: [^\\n]+\\n(STOP TIMELINE: \\d+\\n)?");

    private final Repository repository;
    private final String archiveId;
    private final @Nullable Secret pass;
    private final Findings findings;
    private final NavigableSet<WalSegment> segments = new TreeSet<>();

    /** Bytes of a segment, from the first one that was read; 0 before. */
    private final AtomicInteger segmentSize = new AtomicInteger();

    ArchiveCheck(
            Repository repository, String archiveId, @Nullable Secret pass, Findings findings) {
        this.repository = repository;
        this.archiveId = archiveId;
        this.pass = pass;
        this.findings = findings;
    }

    String archiveId() {
        return archiveId;
    }

    /** Adds a check for each file. */
    void start(Checks checks) throws BackupException, InterruptedException {
        for (String directory : repository.archive().directories(archiveId)) {
            StoredWal before = null;
            for (StoredWal file : repository.archive().files(archiveId, directory)) {
                if (before != null && before.file().equals(file.file())) {
                    findings.damaged(
                            file.path(), "is there with another content, too: " + before.path());
                }
                before = file;
                if (file.file() instanceof WalFile.Segment(WalSegment segment)) {
                    segments.add(segment);
                }
                checks.add(() -> check(file));
            }
        }
        for (StoredWal history : repository.archive().histories(archiveId)) {
            checks.add(() -> check(history));
        }
    }

    private void check(StoredWal file) {
        try {
            if (file.file().isPlain()) {
                checkPlain(file);
            } else {
                checkSegment(file);
            }
        } catch (IOException e) {
            findings.damaged(file.path(), "cannot be read: " + e.getMessage());
        }
    }

    private void checkSegment(StoredWal file) throws IOException {
        List<Filter> filters =
                file.compression() == CompressType.NONE
                        ? List.of()
                        : List.of(Filters.decompressor(file.compression(), false));
        try (InputStream in = repository.files().open(file.path(), pass);
                Pipeline pipeline =
                        new Pipeline(filters, Pipeline.Digests.OUTPUT, null, (_, _, _) -> {})) {
            byte[] head = in.readNBytes(CompressedHead.LENGTH);
            String problem = CompressedHead.problem(file.compression(), head, head.length);
            if (problem != null) {
                findings.damaged(file.path(), problem);
                return;
            }
            pipeline.update(head, 0, head.length);
            Pipeline.Result result =
                    pipeline.copy(in, Long.MAX_VALUE, new byte[Pipeline.BLOCK_SIZE]);
            findings.read(file.size());
            if (!result.outputChecksum().equals(file.checksum())) {
                findings.damaged(file.path(), "has the digest " + result.outputChecksum());
            } else if (!isSegmentSize(result.outputSize())) {
                findings.damaged(file.path(), "has " + result.outputSize() + " bytes of WAL");
            } else {
                segmentSize.compareAndSet(0, (int) result.outputSize());
            }
        }
    }

    private static boolean isSegmentSize(long size) {
        return size >= MIN_SEGMENT && size <= MAX_SEGMENT && Long.bitCount(size) == 1;
    }

    private void checkPlain(StoredWal file) throws IOException {
        byte[] content = repository.files().read(file.path(), pass, MAX_PLAIN);
        findings.read(content.length);
        String text = new String(content, StandardCharsets.UTF_8);
        boolean wellFormed =
                switch (file.file()) {
                    case WalFile.History _ -> isHistory(text);
                    default -> BACKUP_HISTORY.matcher(text).matches();
                };
        if (!wellFormed || text.indexOf('\uFFFD') >= 0) {
            findings.damaged(file.path(), "is not what PostgreSQL writes");
        } else if (!PlainDigests.isUnchanged(repository, archiveId, file.file().path(), content)) {
            findings.damaged(file.path(), "has changed since it was verified first");
        }
    }

    private static boolean isHistory(String text) {
        return text.lines()
                .filter(line -> !line.isBlank())
                .allMatch(line -> HISTORY.matcher(line).matches());
    }

    /** What is missing between segments of a timeline; when all checks have run. */
    VerifyReport.ArchiveReport report() {
        List<VerifyReport.Gap> gaps = new ArrayList<>();
        int size = segmentSize.get();
        WalSegment before = null;
        for (WalSegment segment : segments) {
            if (size != 0 && before != null && before.timeline() == segment.timeline()) {
                WalSegment expected = before.next(size);
                if (!expected.equals(segment)) {
                    gaps.add(
                            new VerifyReport.Gap(
                                    expected,
                                    WalSegment.ofNumber(
                                            segment.timeline(), segment.number(size) - 1, size)));
                }
            }
            before = segment;
        }
        return new VerifyReport.ArchiveReport(archiveId, segments.size(), gaps);
    }

    /** The first segment of a row that is missing; null when none is. */
    @Nullable WalSegment missing(WalSegment first, WalSegment last) {
        int size = segmentSize.get();
        if (size == 0) {
            return segments.contains(first) ? null : first;
        }
        for (WalSegment at = first; at.compareTo(last) <= 0; at = at.next(size)) {
            if (!segments.contains(at)) {
                return at;
            }
        }
        return null;
    }

    /** Where a segment would be, for messages. */
    String path(WalSegment segment) {
        return Upkeep.archive(repository)
                + "/"
                + archiveId
                + "/"
                + new WalFile.Segment(segment).path();
    }
}
