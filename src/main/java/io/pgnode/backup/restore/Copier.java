package io.pgnode.backup.restore;

import io.pgnode.backup.codec.BlockReader;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.Checksum;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.restore.FileWriter.Digests;
import io.pgnode.backup.restore.core.RangePlan;
import io.pgnode.backup.storage.StorageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Brings the files of a backup to where they belong, with many threads. */
final class Copier {
    private static final Logger LOG = Logger.getLogger(Copier.class);

    /** A member of a bundle larger than this is read by itself; kept in memory otherwise. */
    private static final long MAX_MEMBER = 8L * 1024 * 1024;

    /** What is restored as a value, such as pg_control. */
    private static final int MAX_SMALL = 1024 * 1024;

    private final BackupSource source;
    private final Alternatives alternatives;
    private final Layout layout;
    private final Ownership ownership;
    private final Workers workers;
    private final Steps steps;
    private final ConcurrentLinkedQueue<String> healed = new ConcurrentLinkedQueue<>();

    Copier(
            BackupSource source,
            Alternatives alternatives,
            Layout layout,
            Ownership ownership,
            Workers workers,
            Steps steps) {
        this.source = source;
        this.alternatives = alternatives;
        this.layout = layout;
        this.ownership = ownership;
        this.workers = workers;
        this.steps = steps;
    }

    /** Where equal files may come from when one is damaged. */
    @FunctionalInterface
    interface Alternatives {
        /** A file of the same name and content in another repository, and there. */
        List<Found> of(ManifestFile file);

        record Found(BackupSource source, ManifestFile file) {}
    }

    /** A file of the manifest by its place in it, and where the digest of what is there is kept. */
    record Item(int index, ManifestFile file) {}

    /** Names of files that came from another repository. */
    List<String> healed() {
        return healed.stream().sorted().toList();
    }

    /**
     * Those of the files that are not there as the backup has them; the others get their modes and
     * times.
     *
     * @param crcs of those that are there, by index
     */
    List<Item> different(List<Item> items, int[] crcs, ProgressMeter meter)
            throws IOException, BackupException {
        ConcurrentLinkedQueue<Item> different = new ConcurrentLinkedQueue<>();
        List<Item> largestFirst =
                items.stream()
                        .sorted(
                                Comparator.comparingLong((Item item) -> item.file().size())
                                        .reversed())
                        .toList();
        workers.all(
                largestFirst,
                item -> {
                    if (isThere(item, crcs)) {
                        finish(layout.path(item.file().name()), item.file());
                    } else {
                        different.add(item);
                    }
                    meter.bytes(item.file().size());
                    meter.file();
                });
        return List.copyOf(different);
    }

    private boolean isThere(Item item, int[] crcs) throws IOException {
        ManifestFile file = item.file();
        Path path = layout.path(file.name());
        BasicFileAttributes attributes;
        try {
            attributes =
                    Files.readAttributes(
                            path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isSymbolicLink()) {
                attributes = Files.readAttributes(path, BasicFileAttributes.class);
            }
        } catch (IOException e) {
            return false;
        }
        if (!attributes.isRegularFile() || attributes.size() != file.size()) {
            return false;
        }
        Digests digests = Digests.EMPTY;
        if (file.size() > 0) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                digests = Digests.of(channel);
            } catch (IOException e) {
                return false; // unreadable, by its mode or by its disk: written anew
            }
        }
        if (!isRight(file, digests)) {
            return false;
        }
        crcs[item.index()] = digests.crc32c();
        return true;
    }

    /** Restores the files. */
    void copy(List<Item> items, int[] crcs, ProgressMeter meter)
            throws IOException, BackupException {
        workers.all(
                jobs(items),
                job -> {
                    if (job.bundle() == null) {
                        for (Item item : job.items()) {
                            alone(item, crcs, meter);
                        }
                    } else {
                        bundle(job.bundle(), crcs, meter);
                    }
                });
    }

    /**
     * Files that are restored together.
     *
     * @param bundle members of a bundle; null for others
     * @param bytes of the restored files
     */
    private record Job(List<Item> items, @Nullable RangePlan<Item> bundle, long bytes) {
        static Job of(List<Item> items, @Nullable RangePlan<Item> bundle) {
            return new Job(
                    items, bundle, items.stream().mapToLong(item -> item.file().size()).sum());
        }
    }

    private record Bundle(@Nullable BackupLabel holder, long id) {}

    private static List<Job> jobs(List<Item> items) {
        List<Job> jobs = new ArrayList<>();
        Map<Bundle, List<Item>> bundles = new HashMap<>();
        List<Item> empty = new ArrayList<>();
        for (Item item : items) {
            ManifestFile file = item.file();
            if (file.size() == 0) {
                empty.add(item);
            } else if (file.isBundled() && file.repoSize() <= MAX_MEMBER) {
                bundles.computeIfAbsent(
                                new Bundle(file.reference(), file.bundleId()),
                                _ -> new ArrayList<>())
                        .add(item);
            } else {
                jobs.add(Job.of(List.of(item), null));
            }
        }
        bundles.values()
                .forEach(
                        members ->
                                RangePlan.of(
                                                members,
                                                item -> item.file().bundleOffset(),
                                                item -> item.file().repoSize())
                                        .forEach(plan -> jobs.add(Job.of(plan.parts(), plan))));
        jobs.sort(Comparator.comparingLong(Job::bytes).reversed());
        int chunk = 200;
        for (int i = 0; i < empty.size(); i += chunk) {
            jobs.add(Job.of(empty.subList(i, Math.min(empty.size(), i + chunk)), null));
        }
        return jobs;
    }

    private void bundle(RangePlan<Item> plan, int[] crcs, ProgressMeter meter)
            throws IOException, BackupException {
        String path = source.path(plan.parts().getFirst().file());
        long at = plan.offset();
        int next = 0;
        try (InputStream in = source.open(path, plan.offset(), plan.length())) {
            for (; next < plan.parts().size(); next++) {
                Item item = plan.parts().get(next);
                in.skipNBytes(item.file().bundleOffset() - at);
                byte[] stored = BackupSource.exactly(in, (int) item.file().repoSize());
                at = item.file().bundleOffset() + stored.length;
                write(item, out -> source.read(item.file(), stored, out), crcs, meter);
            }
        } catch (WriteFailure e) {
            throw e;
        } catch (IOException e) {
            // The bundle cannot be read on: each of the others by itself, or from elsewhere.
            for (Item item : plan.parts().subList(next, plan.parts().size())) {
                alone(item, crcs, meter);
            }
        }
    }

    private void alone(Item item, int[] crcs, ProgressMeter meter)
            throws IOException, BackupException {
        write(item, out -> source.read(item.file(), out), crcs, meter);
    }

    /** Gives the bytes of a file. */
    @FunctionalInterface
    private interface Content {
        void to(BlockReader.BlockSink out) throws IOException;
    }

    private void write(Item item, Content content, int[] crcs, ProgressMeter meter)
            throws IOException, BackupException {
        ManifestFile file = item.file();
        Path path = layout.path(file.name());
        steps.before("write " + path);
        Digests digests;
        if (file.size() == 0) {
            digests = attempt(path, file, _ -> {}, meter);
        } else {
            try {
                digests = attempt(path, file, content, meter);
            } catch (WriteFailure e) {
                throw e;
            } catch (IOException e) {
                digests = fromElsewhere(path, file, e, meter);
            }
        }
        crcs[item.index()] = digests.crc32c();
        finish(path, file);
        meter.file();
        steps.before("after " + path);
    }

    private Digests attempt(Path path, ManifestFile file, Content content, ProgressMeter meter)
            throws IOException {
        long counted = 0;
        boolean isDone = false;
        try (FileWriter writer = new FileWriter(target(path))) {
            try {
                content.to(
                        (at, data, offset, length) -> {
                            if (at + length > file.size()) {
                                throw new IOException(
                                        "it is longer than the " + file.size() + " bytes it had");
                            }
                            writer.write(at, data, offset, length);
                            meter.bytes(length);
                        });
            } finally {
                counted = writer.size();
            }
            Digests digests = writer.digests();
            if (!isRight(file, digests)) {
                throw new IOException(
                        "what is stored is not what was backed up: size "
                                + digests.size()
                                + " for "
                                + file.size()
                                + ", SHA-1 "
                                + digests.sha1()
                                + " for "
                                + file.checksum());
            }
            isDone = true;
            return digests;
        } catch (WriteFailure e) {
            throw e;
        } catch (RuntimeException e) {
            // Bytes that a decoder did not foresee.
            throw new IOException(e.toString(), e);
        } finally {
            if (!isDone) {
                meter.takeBack(counted);
            }
        }
    }

    /** A linked file is written where the link leads to. */
    private Path target(Path path) {
        for (Layout.Link link : layout.links()) {
            if (link.isFile() && layout.path(link.name()).equals(path)) {
                return link.destination();
            }
        }
        return path;
    }

    private Digests fromElsewhere(
            Path path, ManifestFile file, IOException first, ProgressMeter meter)
            throws IOException, BackupException {
        IOException last = first;
        for (Alternatives.Found found : alternatives.of(file)) {
            try {
                Digests digests =
                        attempt(path, file, out -> found.source().read(found.file(), out), meter);
                healed.add(file.name());
                LOG.warnf(
                        "file is damaged, taken from another repository file=%s stored=%s"
                                + " repository=%s error=%s",
                        file.name(),
                        source.path(file),
                        found.source().repository().describe(),
                        BackupSource.text(first));
                return digests;
            } catch (WriteFailure e) {
                throw e;
            } catch (IOException e) {
                last = e;
            }
        }
        throw damaged(file, first, last);
    }

    private BackupException damaged(ManifestFile file, IOException first, IOException last) {
        return new BackupException(
                exit(first),
                "cannot restore "
                        + file.name()
                        + " from "
                        + source.path(file)
                        + " in "
                        + source.repository().describe()
                        + ": "
                        + BackupSource.text(first),
                "no repository has it undamaged: verify tells what is damaged, --set restores"
                        + " another backup",
                last);
    }

    /** What the first failure was: of the storage, or of the bytes. */
    private static BackrestExit exit(IOException first) {
        for (Throwable cause = first; cause != null; cause = cause.getCause()) {
            if (cause instanceof StorageException of) {
                return switch (of.kind()) {
                    case MISSING -> BackrestExit.FILE_MISSING;
                    case DENIED -> BackrestExit.ACCESS;
                    case UNREACHABLE -> BackrestExit.HOST_CONNECT;
                    case DAMAGED -> BackrestExit.CHECKSUM;
                    case FULL, EXISTS, OTHER -> BackrestExit.FILE_READ;
                };
            }
        }
        return BackrestExit.CHECKSUM;
    }

    /** A small file as a value. */
    byte[] small(ManifestFile file) throws IOException, BackupException {
        if (file.size() > MAX_SMALL) {
            throw new BackupException(
                    BackrestExit.FILE_INVALID,
                    file.name() + " has " + file.size() + " bytes, too many");
        }
        if (file.size() == 0) {
            return new byte[0];
        }
        IOException first;
        try {
            return small(source, file);
        } catch (IOException e) {
            first = e;
        }
        IOException last = first;
        for (Alternatives.Found found : alternatives.of(file)) {
            try {
                byte[] content = small(found.source(), found.file());
                healed.add(file.name());
                return content;
            } catch (IOException e) {
                last = e;
            }
        }
        throw damaged(file, first, last);
    }

    static byte[] small(BackupSource from, ManifestFile file) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) file.size());
        from.read(
                file,
                (at, data, offset, length) -> {
                    if (at != bytes.size() || at + length > file.size()) {
                        throw new IOException("it is longer than the " + file.size() + " bytes");
                    }
                    bytes.write(data, offset, length);
                });
        byte[] content = bytes.toByteArray();
        Checksum checksum = file.checksum();
        if (content.length != file.size()
                || checksum != null && !checksum.equals(io.pgnode.backup.codec.Sha1.of(content))) {
            throw new IOException("what is stored is not what was backed up");
        }
        return content;
    }

    private static boolean isRight(ManifestFile file, Digests digests) {
        Checksum wanted = file.checksum();
        if (file.size() == 0) {
            return digests.size() == 0;
        }
        return digests.size() == file.size() && wanted != null && wanted.equals(digests.sha1());
    }

    private void finish(Path path, ManifestFile file) throws WriteFailure {
        ownership.apply(target(path), file.mode(), file.user(), file.group(), file.timestamp());
    }
}
