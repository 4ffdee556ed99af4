package io.pgnode.backup.restore;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.core.ManifestHeader;
import io.pgnode.backup.core.RawText;
import io.pgnode.backup.restore.Copier.Item;
import io.pgnode.backup.restore.core.ControlImage;
import io.pgnode.backup.restore.core.RecoverySettings;
import io.pgnode.backup.restore.core.ServerManifest;
import io.pgnode.os.Directories;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One restore, from the first change of the disk to the last. */
final class RestoreRun {
    private static final Logger LOG = Logger.getLogger(RestoreRun.class);
    private static final String CONTROL = Manifest.PG_DATA + "/" + TargetDirectory.CONTROL;
    private static final String AUTO_CONF = Manifest.PG_DATA + "/postgresql.auto.conf";
    private static final String LABEL = Manifest.PG_DATA + "/backup_label";

    private static final String WAL = Manifest.PG_DATA + "/pg_wal/";
    private static final String SERVER_MANIFEST = "backup_manifest";
    private static final int MAX_CONF = 1024 * 1024;

    private final RestoreRequest request;
    private final RestorePlan plan;
    private final BackupSource source;
    private final Manifest manifest;
    private final Layout layout;
    private final Copier.Alternatives alternatives;
    private final TargetDirectory target;
    private final LongSupplier ticker;
    private final Steps steps;
    private final Skeleton skeleton;
    private final Workers workers;

    RestoreRun(
            RestoreRequest request,
            RestorePlan plan,
            BackupSource source,
            Layout layout,
            Copier.Alternatives alternatives,
            LongSupplier ticker,
            Steps steps) {
        this.request = request;
        this.plan = plan;
        this.source = source;
        this.manifest = source.manifest();
        this.layout = layout;
        this.alternatives = alternatives;
        this.target = new TargetDirectory(request.dataDir());
        this.ticker = ticker;
        this.steps = steps;
        this.skeleton = new Skeleton(manifest, layout, steps);
        this.workers = new Workers(request.workers());
    }

    RestoreResult run(Progress progress) throws IOException, BackupException {
        long begin = ticker.getAsLong();
        skeleton.makeRoot();
        try (Marker marker = Marker.take(target.marker(), steps)) {
            List<RestorePlan.Problem> running = target.running();
            if (!running.isEmpty()) {
                throw new BackupException(
                        running.getFirst().exit(),
                        running.getFirst().message(),
                        running.getFirst().hint());
            }
            disable();
            marker.write(manifest.render());
            RestoreResult result = fill(progress, begin);
            marker.remove();
            LOG.infof(
                    "restored backup=%s directory=%s files=%d bytes=%d kept=%d removed=%d"
                            + " seconds=%.1f",
                    result.backup(),
                    request.dataDir(),
                    result.filesWritten(),
                    result.bytesWritten(),
                    result.filesKept(),
                    result.removed(),
                    result.elapsed().toMillis() / 1000.0);
            progress.update(
                    new Progress.State(
                            Progress.Phase.DONE,
                            plan.dataBytes(),
                            plan.dataBytes(),
                            plan.files(),
                            plan.files(),
                            result.elapsed(),
                            Duration.ZERO));
            return result;
        }
    }

    /** From here on no server starts until the end. */
    private void disable() throws WriteFailure {
        try {
            if (Files.exists(target.control(), LinkOption.NOFOLLOW_LINKS)) {
                steps.before("remove " + target.control());
                Files.delete(target.control());
                Directories.sync(request.dataDir().resolve("global"));
            }
        } catch (IOException e) {
            throw new WriteFailure(target.control(), e);
        }
    }

    private RestoreResult fill(Progress progress, long begin) throws IOException, BackupException {
        Ownership ownership = new Ownership(request.dataDir());
        long removed = request.delta() ? skeleton.sweep() : 0;
        skeleton.make(ownership);
        Copier copier = new Copier(source, alternatives, layout, ownership, workers, steps);
        int[] crcs = new int[manifest.fileCount()];
        List<Item> all = items();
        List<Item> wanted = all;
        if (request.delta()) {
            ProgressMeter compare = meter(progress, Progress.Phase.COMPARE, all);
            wanted = copier.different(all, crcs, compare);
            compare.end();
        }
        ProgressMeter copy = meter(progress, Progress.Phase.COPY, wanted);
        copier.copy(wanted, crcs, copy);
        copy.end();
        skeleton.makeFileLinks(ownership);
        byte[] control = control(copier);
        Path temporary = layout.path(CONTROL + ".pgnode.tmp");
        write(temporary, control, ownership, manifest.find(CONTROL).orElseThrow());
        recovery(ownership);
        serverManifest(all, crcs, control, ownership);
        sync(progress, all);
        publish(temporary);
        return new RestoreResult(
                plan,
                manifest.label(),
                manifest.database().systemId(),
                wanted.size() + 1L,
                bytes(wanted) + control.length,
                all.size() - wanted.size(),
                removed,
                copier.healed(),
                Duration.ofNanos(ticker.getAsLong() - begin));
    }

    /** All files but those that are made here. */
    private List<Item> items() {
        List<Item> items = new ArrayList<>(manifest.fileCount());
        for (int i = 0; i < manifest.fileCount(); i++) {
            ManifestFile file = manifest.file(i);
            if (!file.name().equals(CONTROL) && !file.name().equals(Skeleton.TABLESPACE_MAP)) {
                items.add(new Item(i, file));
            }
        }
        return items;
    }

    private ProgressMeter meter(Progress progress, Progress.Phase phase, List<Item> items) {
        return new ProgressMeter(progress, ticker, phase, bytes(items), items.size());
    }

    private static long bytes(List<Item> items) {
        return items.stream().mapToLong(item -> item.file().size()).sum();
    }

    private byte[] control(Copier copier) throws IOException, BackupException {
        ManifestFile file =
                manifest.find(CONTROL)
                        .orElseThrow(
                                () ->
                                        new BackupException(
                                                BackrestExit.FILE_MISSING,
                                                "backup "
                                                        + manifest.label()
                                                        + " has no pg_control"));
        byte[] content = copier.small(file);
        return manifest.find(LABEL).isPresent() ? ControlImage.withoutCheckpoint(content) : content;
    }

    /** Settings and the signal file. */
    private void recovery(Ownership ownership) throws IOException {
        RecoverySettings settings = Planner.settings(request);
        Path autoConf = layout.path(AUTO_CONF);
        String old = "";
        try {
            if (Files.size(autoConf) <= MAX_CONF) {
                old = Files.readString(autoConf, StandardCharsets.UTF_8);
            }
        } catch (NoSuchFileException e) {
            // A backup without settings of ALTER SYSTEM.
        }
        ManifestFile like = manifest.find(AUTO_CONF).orElse(null);
        write(autoConf, settings.autoConf(old).getBytes(StandardCharsets.UTF_8), ownership, like);
        delete(request.dataDir().resolve(settings.otherSignalFile()));
        write(request.dataDir().resolve(settings.signalFile()), new byte[0], ownership, like);
    }

    private void serverManifest(List<Item> items, int[] crcs, byte[] control, Ownership ownership)
            throws IOException {
        List<ServerManifest.Entry> entries = new ArrayList<>(items.size() + 1);
        for (Item item : items) {
            String name = item.file().name();
            if (!name.startsWith(WAL) && !name.equals(AUTO_CONF)) {
                entries.add(entry(item.file(), item.file().size(), crcs[item.index()]));
            }
        }
        CRC32C crc = new CRC32C();
        crc.update(control);
        entries.add(
                entry(manifest.find(CONTROL).orElseThrow(), control.length, (int) crc.getValue()));
        ManifestHeader header = manifest.header();
        ServerManifest.WalRange wal =
                header.archiveStop() == null
                                || header.lsnStart() == null
                                || header.lsnStop() == null
                        ? null
                        : new ServerManifest.WalRange(
                                header.archiveStop().timeline(),
                                header.lsnStart(),
                                header.lsnStop());
        String version = manifest.database().version();
        int major =
                Integer.parseInt(
                        version.contains(".")
                                ? version.substring(0, version.indexOf('.'))
                                : version);
        write(
                request.dataDir().resolve(SERVER_MANIFEST),
                ServerManifest.render(major, manifest.database().systemId(), entries, wal),
                ownership,
                manifest.find(Manifest.PG_DATA + "/PG_VERSION").orElse(null));
    }

    private static ServerManifest.Entry entry(ManifestFile file, long size, int crc) {
        return new ServerManifest.Entry(
                RawText.encode(Layout.relative(file.name())), size, file.timestamp(), crc);
    }

    /**
     * Writes a small file that nobody reads before the end.
     *
     * @param like whose owner and mode it has; null for the plain ones
     */
    private void write(Path path, byte[] content, Ownership ownership, @Nullable ManifestFile like)
            throws IOException {
        steps.before("write " + path);
        try {
            Path file = Files.isSymbolicLink(path) ? path.toRealPath() : path;
            try (FileWriter writer = new FileWriter(file)) {
                writer.write(content, 0, content.length);
            }
        } catch (WriteFailure e) {
            throw e;
        } catch (IOException e) {
            throw new WriteFailure(path, e);
        }
        ownership.apply(
                path,
                like == null ? 0600 : like.mode(),
                like == null ? null : like.user(),
                like == null ? null : like.group(),
                null);
    }

    private void delete(Path path) throws WriteFailure {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new WriteFailure(path, e);
        }
    }

    /**
     * Makes everything durable but pg_control's name. Files that were there, too: an interrupted
     * restore may have written them, and not come so far.
     */
    private void sync(Progress progress, List<Item> items) throws IOException, BackupException {
        ProgressMeter meter = meter(progress, Progress.Phase.SYNC, items);
        steps.before("sync files");
        workers.all(
                items,
                item -> {
                    syncFile(layout.path(item.file().name()));
                    meter.bytes(item.file().size());
                    meter.file();
                });
        for (String name :
                List.of(
                        "postgresql.auto.conf",
                        Planner.settings(request).signalFile(),
                        SERVER_MANIFEST,
                        TargetDirectory.CONTROL + ".pgnode.tmp")) {
            syncFile(request.dataDir().resolve(name));
        }
        steps.before("sync directories");
        Set<Path> directories = new TreeSet<>();
        manifest.paths().forEach(path -> directories.add(layout.path(path.name())));
        directories.add(request.dataDir());
        for (Layout.Link link : layout.links()) {
            if (!link.isFile()) {
                directories.add(link.destination());
            }
            addReadable(directories, parent(link.destination()));
        }
        addReadable(directories, parent(request.dataDir()));
        workers.all(List.copyOf(directories), RestoreRun::syncDirectory);
        meter.end();
    }

    /** A directory above ours may be closed to us; then it was there before. */
    private static void addReadable(Set<Path> directories, Path path) {
        if (Files.isReadable(path)) {
            directories.add(path);
        }
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }

    private static void syncFile(Path path) throws WriteFailure {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw new WriteFailure(path, e);
        }
    }

    private static void syncDirectory(Path path) throws WriteFailure {
        try {
            Directories.sync(path);
        } catch (IOException e) {
            throw new WriteFailure(path, e);
        }
    }

    /** The restored directory becomes one that a server starts in. */
    private void publish(Path temporary) throws WriteFailure {
        try {
            steps.before("rename " + temporary);
            Files.move(temporary, target.control(), StandardCopyOption.ATOMIC_MOVE);
            Directories.sync(parent(target.control()));
        } catch (IOException e) {
            throw new WriteFailure(target.control(), e);
        }
    }

    /**
     * The backup's manifest in the data directory: says that a restore is under way, and keeps two
     * of them from the same directory.
     */
    private static final class Marker implements AutoCloseable {
        private final Path path;
        private final FileChannel channel;
        private final Steps steps;

        private Marker(Path path, FileChannel channel, Steps steps) {
            this.path = path;
            this.channel = channel;
            this.steps = steps;
        }

        static Marker take(Path path, Steps steps) throws IOException, BackupException {
            steps.before("take " + path);
            FileChannel channel;
            try {
                channel =
                        FileChannel.open(
                                path,
                                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                                PosixFilePermissions.asFileAttribute(
                                        PosixFilePermissions.fromString("rw-------")));
            } catch (IOException e) {
                throw new WriteFailure(path, e);
            }
            if (!lock(channel) || !Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                channel.close();
                throw new BackupException(
                        BackrestExit.LOCK_ACQUIRE,
                        "another restore into " + path.getParent() + " is under way",
                        "wait for its end");
            }
            return new Marker(path, channel, steps);
        }

        /** Lasts until the channel is closed, or the process is gone. */
        private static boolean lock(FileChannel channel) throws IOException {
            try {
                FileLock lock = channel.tryLock();
                return lock != null;
            } catch (OverlappingFileLockException e) {
                return false;
            }
        }

        void write(byte[] content) throws IOException {
            steps.before("write " + path);
            try {
                channel.truncate(0);
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
                Directories.sync(parent(path));
            } catch (IOException e) {
                throw new WriteFailure(path, e);
            }
        }

        /** The restore is complete. */
        void remove() throws IOException {
            steps.before("remove " + path);
            try {
                Files.delete(path);
                Directories.sync(parent(path));
            } catch (IOException e) {
                throw new WriteFailure(path, e);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
