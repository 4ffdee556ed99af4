package io.pgnode.backup.restore;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.core.DatabaseVersion;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.backup.repo.Archive;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.StoredWal;
import io.pgnode.backup.restore.RestorePlan.Problem;
import io.pgnode.backup.restore.RestorePlan.Space;
import io.pgnode.backup.restore.core.BackupCandidate;
import io.pgnode.backup.restore.core.BackupChoice;
import io.pgnode.backup.restore.core.RecoverySettings;
import io.pgnode.backup.restore.core.RestorePace;
import io.pgnode.backup.restore.core.RestoreTarget;
import io.pgnode.backup.restore.core.StandbyWal;
import io.pgnode.backup.restore.core.TargetTimeline;
import io.pgnode.backup.restore.core.TimelinePath;
import io.pgnode.backup.restore.core.WalInventory;
import io.pgnode.backup.restore.core.WalReach;
import io.pgnode.backup.storage.ObjectInfo;
import io.pgnode.os.Directories;
import io.pgnode.postgres.core.ControlParser;
import io.pgnode.postgres.core.HistoryFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what a restore would do, and everything that stands against it. Changes nothing. One
 * request, one thread.
 */
final class Planner {
    private static final int DEFAULT_SEGMENT = 16 * 1024 * 1024;
    private static final int MAX_HISTORY = 4 * 1024 * 1024;

    private final List<Repository> repositories;
    private final RestoreRequest request;
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    Planner(List<Repository> repositories, RestoreRequest request) {
        this.repositories = repositories;
        this.request = request;
    }

    /**
     * A plan and what is needed to do it.
     *
     * @param source null when there is no backup to restore
     * @param layout null as above
     * @param candidate null as above
     * @param segmentSize bytes
     */
    record Prepared(
            RestorePlan plan,
            @Nullable BackupSource source,
            @Nullable Layout layout,
            @Nullable BackupCandidate candidate,
            int segmentSize) {}

    /**
     * @throws BackupException when no repository can be read
     */
    Prepared prepare() throws BackupException {
        BackupChoice choice = BackupChoice.choose(candidates(), request.set(), request.target());
        BackupCandidate chosen = choice.backup();
        if (chosen == null) {
            return none(choice.reason());
        }
        Repository repository = repository(chosen.repositoryKey());
        Manifest manifest = repository.backups().manifest(chosen.label());
        BackupSource source = new BackupSource(repository, manifest);
        Layout layout = Layout.of(manifest, request);
        problems.addAll(layout.problems());
        problems.addAll(new TargetDirectory(request.dataDir()).problems(manifest, layout, request));
        if (manifest.hasErrors()) {
            warnings.add("backup " + chosen.label() + " has pages with wrong checksums");
        }
        int segmentSize = segmentSize(source);
        Wal wal = wal(chosen, manifest, segmentSize);
        Sizes sizes = sizes(manifest);
        List<Space> spaces = spaces(manifest, layout);
        for (Space space : spaces) {
            if (!space.isEnough()) {
                problems.add(
                        new Problem(
                                BackrestExit.FILE_WRITE,
                                "the file system of "
                                        + space.path()
                                        + " has "
                                        + space.free()
                                        + " bytes free, the restore needs "
                                        + space.needed(),
                                null));
            }
        }
        WalReach reach = wal.reach;
        long walBytes = walBytes(chosen, wal, segmentSize);
        RestorePlan plan =
                new RestorePlan(
                        repository.describe(),
                        chosen.label(),
                        choice.reason(),
                        chosen.stop(),
                        chain(manifest),
                        request.target(),
                        wal.timelines,
                        reach,
                        walBytes,
                        sizes.data,
                        manifest.fileCount(),
                        sizes.stored,
                        layout.mappings(),
                        spaces,
                        RestorePace.copy(sizes.data, request.workers()),
                        RestorePace.replay(walBytes),
                        problems,
                        warnings,
                        standby(chosen, manifest, wal.next, segmentSize));
        return new Prepared(plan, source, layout, chosen, segmentSize);
    }

    private Prepared none(String reason) {
        problems.add(
                new Problem(
                        BackrestExit.BACKUP_SET_INVALID,
                        "no backup to restore: " + reason,
                        "info lists the backups and what they reach"));
        RestorePlan plan =
                new RestorePlan(
                        "",
                        null,
                        reason,
                        null,
                        List.of(),
                        request.target(),
                        List.of(),
                        null,
                        0,
                        0,
                        0,
                        0,
                        List.of(),
                        List.of(),
                        Duration.ZERO,
                        Duration.ZERO,
                        problems,
                        warnings,
                        null);
        return new Prepared(plan, null, null, null, DEFAULT_SEGMENT);
    }

    private static long walBytes(BackupCandidate chosen, Wal wal, int segmentSize) {
        if (wal.next != null && chosen.walStart() != null) {
            return (wal.next.number(segmentSize) - chosen.walStart().number(segmentSize))
                    * segmentSize;
        }
        return wal.reach == null ? 0 : wal.reach.count() * segmentSize;
    }

    private static RestorePlan.@Nullable Standby standby(
            BackupCandidate chosen, Manifest manifest, @Nullable WalSegment next, int segmentSize) {
        return next == null || chosen.stopLsn() == null
                ? null
                : new RestorePlan.Standby(
                        chosen.repositoryKey(),
                        manifest.database().systemId(),
                        chosen.timeline(),
                        chosen.stopLsn(),
                        next,
                        next.start(segmentSize));
    }

    /** The backups of the current cluster, and of others when one is asked for by its label. */
    private List<BackupCandidate> candidates() throws BackupException {
        List<BackupCandidate> candidates = new ArrayList<>();
        BackupException failure = null;
        int readable = 0;
        for (Repository repository : repositories) {
            try {
                BackupInfo info = repository.backups().info();
                readable++;
                Predicate<BackupSummary> leads = leadsToTarget(info.databases().current());
                for (BackupSummary summary : info.backups()) {
                    boolean isCurrent = summary.databaseId() == info.databases().currentId();
                    if (isCurrent && leads.test(summary)
                            || summary.label().text().equals(request.set())) {
                        candidates.add(candidate(repository.key(), summary));
                    }
                }
            } catch (BackupException e) {
                warnings.add(repository.describe() + " cannot be read: " + e.getMessage());
                failure = e;
            }
        }
        if (readable == 0 && failure != null) {
            throw failure;
        }
        return candidates;
    }

    /**
     * A standby of a server on a certain timeline can be made of those backups only that this
     * timeline comes from; a newer one may be of a history that was given up.
     */
    private Predicate<BackupSummary> leadsToTarget(DatabaseVersion database)
            throws BackupException {
        if (!request.standby() || !(request.timeline() instanceof TargetTimeline.Numbered wanted)) {
            return _ -> true;
        }
        Optional<HistoryFile> history =
                new ClusterWal(repositories, database).history(wanted.timeline());
        if (history.isEmpty()) {
            return _ -> true; // what is chosen is refused, if it needs the history
        }
        TimelinePath path = TimelinePath.to(wanted.timeline(), history.get());
        return summary -> {
            BackupCandidate candidate = candidate(0, summary);
            return candidate.stopLsn() == null
                    || path.refusal(candidate.timeline(), candidate.stopLsn()).isEmpty();
        };
    }

    private static BackupCandidate candidate(int key, BackupSummary summary) {
        return new BackupCandidate(
                key,
                summary.label(),
                summary.timestampStop(),
                summary.lsnStart(),
                summary.lsnStop(),
                summary.archiveStart(),
                summary.archiveStop());
    }

    private Repository repository(int key) {
        return repositories.stream().filter(r -> r.key() == key).findFirst().orElseThrow();
    }

    private static List<BackupLabel> chain(Manifest manifest) {
        Set<BackupLabel> used = new LinkedHashSet<>(manifest.references());
        used.remove(manifest.label());
        used.add(manifest.label());
        return List.copyOf(used);
    }

    private record Sizes(long data, long stored) {}

    private static Sizes sizes(Manifest manifest) {
        long[] sums = {0, 0};
        manifest.files()
                .forEach(
                        file -> {
                            sums[0] += file.size();
                            sums[1] += file.repoSize();
                        });
        return new Sizes(sums[0], sums[1]);
    }

    /** From the backup's own pg_control, as far as that is readable. */
    private int segmentSize(BackupSource source) {
        Optional<ManifestFile> control =
                source.manifest().find(Manifest.PG_DATA + "/" + TargetDirectory.CONTROL);
        if (control.isEmpty()) {
            problems.add(
                    new Problem(
                            BackrestExit.FILE_MISSING,
                            "backup " + source.manifest().label() + " has no pg_control",
                            null));
            return DEFAULT_SEGMENT;
        }
        try {
            byte[] content = Copier.small(source, control.get());
            return ControlParser.parse(content).walSegmentSize();
        } catch (IOException | ControlParser.MalformedControlException e) {
            warnings.add(
                    "pg_control in "
                            + source.path(control.get())
                            + " cannot be read, WAL segments are taken to have 16 MiB: "
                            + e.getMessage());
            return DEFAULT_SEGMENT;
        }
    }

    /**
     * What there is to replay.
     *
     * @param reach null when nothing can be said
     * @param next of a standby, the first segment that the archive does not have; null as above
     */
    private record Wal(
            List<Integer> timelines, @Nullable WalReach reach, @Nullable WalSegment next) {}

    private Wal wal(BackupCandidate chosen, Manifest manifest, int segmentSize)
            throws BackupException {
        if (chosen.walStart() == null || chosen.walStop() == null || chosen.stopLsn() == null) {
            warnings.add(
                    "backup "
                            + chosen.label()
                            + " is of a server that was down: whether WAL for the target is there,"
                            + " replay will tell");
            return new Wal(List.of(), null, null);
        }
        ClusterWal archived = new ClusterWal(repositories, manifest.database());
        TargetTimeline wanted =
                request.target() instanceof RestoreTarget.Immediate
                                && request.timeline() instanceof TargetTimeline.Latest
                        ? new TargetTimeline.Current()
                        : request.timeline();
        TimelinePath path = path(archived, chosen.timeline(), wanted);
        if (path == null) {
            return new Wal(List.of(chosen.timeline()), null, null);
        }
        Optional<String> refusal = path.refusal(chosen.timeline(), chosen.stopLsn());
        if (refusal.isPresent()) {
            problems.add(
                    new Problem(
                            BackrestExit.BACKUP_SET_INVALID,
                            "backup " + chosen.label() + " cannot be recovered: " + refusal.get(),
                            "--target-timeline names another one, --set another backup"));
            return new Wal(path.timelines(), null, null);
        }
        TimelinePath fromBackup = path.from(chosen.timeline());
        WalInventory inventory = archived.inventory(fromBackup, chosen.walStart(), segmentSize);
        WalReach reach =
                WalReach.of(
                        chosen,
                        request.target(),
                        fromBackup,
                        inventory,
                        archived.newest(fromBackup.target(), inventory));
        if (reach.verdict() == WalReach.Verdict.UNREACHABLE) {
            if (request.unreachable()) {
                warnings.add("the target is not reachable: " + reach.explanation());
            } else {
                problems.add(
                        new Problem(
                                BackrestExit.ARCHIVE_TIMEOUT,
                                "the target is not reachable: " + reach.explanation(),
                                "another target or backup, or --unreachable to replay what there is"));
            }
        } else if (reach.missingCount() > 0) {
            warnings.add(reach.explanation());
        }
        StandbyWal next =
                request.standby() ? StandbyWal.of(fromBackup, inventory, chosen.walStart()) : null;
        if (next != null && next.astray() != 0) {
            problems.add(
                    new Problem(
                            BackrestExit.ARCHIVE_TIMEOUT,
                            "a standby would go astray: the archive has WAL of timeline %s from"
                                            .formatted(Integer.toUnsignedString(next.astray()))
                                    + " after it was left, and not yet "
                                    + next.next()
                                    + ", which is to be followed",
                            "pg_switch_wal() on the leader gets it archived"));
        }
        return new Wal(fromBackup.timelines(), reach, next == null ? null : next.next());
    }

    /** Null when there is a problem, which is noted. */
    private @Nullable TimelinePath path(ClusterWal archived, int backup, TargetTimeline wanted)
            throws BackupException {
        int timeline =
                switch (wanted) {
                    case TargetTimeline.Current _ -> backup;
                    case TargetTimeline.Latest _ -> archived.latestAfter(backup);
                    case TargetTimeline.Numbered number -> number.timeline();
                };
        Optional<HistoryFile> history = archived.history(timeline);
        if (history.isEmpty() && timeline != 1 && timeline != backup) {
            problems.add(
                    new Problem(
                            BackrestExit.FILE_MISSING,
                            "the archive has no "
                                    + new WalFile.History(timeline).name()
                                    + " of the target timeline",
                            "info lists the timelines"));
            return null;
        }
        return TimelinePath.to(timeline, history.orElse(HistoryFile.EMPTY));
    }

    /** By file system: what comes there, less what is there already. */
    private List<Space> spaces(Manifest manifest, Layout layout) {
        Map<Object, Path> roots = new LinkedHashMap<>();
        Map<Object, Long> needed = new LinkedHashMap<>();
        List<ManifestFile> files = manifest.files().toList();
        Map<String, Path> places = new LinkedHashMap<>();
        places.put("", layout.dataDir());
        for (Layout.Link link : layout.links()) {
            Path above = link.destination().getParent();
            places.put(link.name(), link.isFile() && above != null ? above : link.destination());
        }
        try {
            Map<String, Object> stores = new LinkedHashMap<>();
            for (Map.Entry<String, Path> place : places.entrySet()) {
                Path there = existing(place.getValue());
                Object store = Files.getAttribute(there, "unix:dev");
                stores.put(place.getKey(), store);
                roots.putIfAbsent(store, there);
            }
            for (ManifestFile file : files) {
                long size = file.size();
                if (request.delta()) {
                    Path path = layout.path(file.name());
                    size -= Files.isRegularFile(path) ? Math.min(size, Files.size(path)) : 0;
                }
                needed.merge(store(stores, file.name()), size, Long::sum);
            }
            List<Space> spaces = new ArrayList<>();
            for (Map.Entry<Object, Path> root : roots.entrySet()) {
                spaces.add(
                        new Space(
                                root.getValue(),
                                needed.getOrDefault(root.getKey(), 0L),
                                Directories.freeBytes(root.getValue())));
            }
            return spaces;
        } catch (IOException e) {
            warnings.add("cannot tell how much space there is: " + e);
            return List.of();
        }
    }

    private static Object store(Map<String, Object> stores, String name) {
        // Names of links are few; the data directory is the rest.
        for (Map.Entry<String, Object> store : stores.entrySet()) {
            String link = store.getKey();
            if (!link.isEmpty() && (name.equals(link) || name.startsWith(link + "/"))) {
                return store.getValue();
            }
        }
        return java.util.Objects.requireNonNull(stores.get(""));
    }

    private static Path existing(Path path) {
        Path at = path;
        while (!Files.exists(at) && at.getParent() != null) {
            at = at.getParent();
        }
        return at;
    }

    /** The WAL of one cluster, in all repositories. */
    static final class ClusterWal {
        private final List<Repository> repositories;
        private final DatabaseVersion database;

        ClusterWal(List<Repository> repositories, DatabaseVersion database) {
            this.repositories = repositories;
            this.database = database;
        }

        /** The repository's directory of this cluster's WAL; empty when it has none. */
        private Optional<String> archiveId(Repository repository) throws BackupException {
            return repository.archive().info().databases().entries().stream()
                    .filter(entry -> entry.is(database.systemId(), database.version()))
                    .map(DatabaseVersion::archiveId)
                    .reduce((_, last) -> last);
        }

        Optional<HistoryFile> history(int timeline) throws BackupException {
            for (Repository repository : repositories) {
                Optional<String> id = archiveId(repository);
                Optional<StoredWal> stored =
                        id.isEmpty()
                                ? Optional.empty()
                                : repository
                                        .archive()
                                        .find(id.get(), new WalFile.History(timeline));
                if (stored.isPresent()) {
                    return Optional.of(read(repository, stored.get()));
                }
            }
            return Optional.empty();
        }

        private static HistoryFile read(Repository repository, StoredWal stored)
                throws BackupException {
            Archive archive = repository.archive();
            try {
                return HistoryFile.parse(
                        new String(
                                repository.files().read(stored.path(), archive.pass(), MAX_HISTORY),
                                StandardCharsets.UTF_8));
            } catch (IOException | IllegalArgumentException e) {
                throw new BackupException(
                        BackrestExit.FILE_INVALID,
                        "cannot read "
                                + stored.path()
                                + " in "
                                + repository.describe()
                                + ": "
                                + e.getMessage(),
                        null,
                        e);
            }
        }

        /** The newest timeline as the server looks for it: one after the other until one lacks. */
        int latestAfter(int timeline) throws BackupException {
            Set<Integer> known = new HashSet<>();
            for (Repository repository : repositories) {
                Optional<String> id = archiveId(repository);
                if (id.isPresent()) {
                    for (StoredWal stored : repository.archive().histories(id.get())) {
                        if (stored.file() instanceof WalFile.History history) {
                            known.add(history.timeline());
                        }
                    }
                }
            }
            int newest = timeline;
            while (known.contains(newest + 1)) {
                newest++;
            }
            return newest;
        }

        /** The complete segments of a path's timelines, from the first one on. */
        WalInventory inventory(TimelinePath path, WalSegment first, int segmentSize)
                throws BackupException {
            Set<WalSegment> segments = new HashSet<>();
            Set<Integer> timelines = new HashSet<>(path.timelines());
            for (Repository repository : repositories) {
                Optional<String> id = archiveId(repository);
                if (id.isEmpty()) {
                    continue;
                }
                for (String directory : repository.archive().directories(id.get())) {
                    int timeline = Integer.parseUnsignedInt(directory, 0, 8, 16);
                    boolean isLater =
                            directory.substring(8).compareTo(first.directory().substring(8)) >= 0;
                    if (isLater && timelines.contains(timeline)) {
                        for (StoredWal stored : repository.archive().files(id.get(), directory)) {
                            if (stored.file() instanceof WalFile.Segment segment) {
                                segments.add(segment.segment());
                            }
                        }
                    }
                }
            }
            return WalInventory.of(segments, segmentSize);
        }

        /** When the last segment of a timeline came; null when nobody says. */
        @Nullable Instant newest(int timeline, WalInventory inventory) throws BackupException {
            OptionalLong last = inventory.last(timeline);
            if (last.isEmpty()) {
                return null;
            }
            WalFile file =
                    new WalFile.Segment(
                            WalSegment.ofNumber(
                                    timeline, last.getAsLong(), inventory.segmentSize()));
            Instant newest = null;
            for (Repository repository : repositories) {
                Optional<String> id = archiveId(repository);
                Optional<StoredWal> stored =
                        id.isEmpty() ? Optional.empty() : repository.archive().find(id.get(), file);
                if (stored.isPresent()) {
                    Instant modified = modified(repository, stored.get());
                    if (modified == null) {
                        return null;
                    }
                    newest = newest == null || modified.isAfter(newest) ? modified : newest;
                }
            }
            return newest;
        }

        private static @Nullable Instant modified(Repository repository, StoredWal stored) {
            try {
                return repository
                        .storage()
                        .info(stored.path())
                        .map(ObjectInfo::modified)
                        .orElse(null);
            } catch (IOException e) {
                return null;
            }
        }
    }

    /** What the server is told of its recovery. */
    static RecoverySettings settings(RestoreRequest request) {
        return new RecoverySettings(
                request.target(),
                request.timeline(),
                request.action(),
                request.standby(),
                request.restoreCommand(),
                request.archiveModeOff(),
                request.settings());
    }
}
