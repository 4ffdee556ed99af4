package io.pgnode.backup.engine;

import io.pgnode.backup.codec.BlockMap;
import io.pgnode.backup.codec.BlockReader;
import io.pgnode.backup.codec.BlockWriter;
import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.codec.Filter;
import io.pgnode.backup.codec.Filters;
import io.pgnode.backup.codec.PageVerifier;
import io.pgnode.backup.codec.Pipeline;
import io.pgnode.backup.codec.Sha1;
import io.pgnode.backup.codec.Sink;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BlockIncremental;
import io.pgnode.backup.core.Checksum;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.core.PageCheck;
import io.pgnode.backup.engine.core.CopyJob;
import io.pgnode.backup.engine.core.CopyList;
import io.pgnode.backup.engine.core.RelationName;
import io.pgnode.backup.repo.Backups;
import io.pgnode.backup.storage.Storage;
import io.pgnode.backup.storage.StorageOutput;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Reads files of the cluster and stores them. Safe for use by many threads. */
final class FileCopier {
    private static final int MAX_MAP = 64 << 20;

    private final Storage storage;
    private final Backups backups;
    private final Layout layout;
    private final SourceFiles source;
    private final AtomicLong lastBundle;

    /**
     * How files are stored.
     *
     * @param references the manifest's: all backups that hold its files, the one that is made last
     * @param raw whether members of bundles lack their headers
     * @param pass what files are encrypted with; null without encryption
     * @param pageSize bytes of a page; zero when checksums are not verified
     * @param segmentBlocks blocks in a file of a relation
     */
    record Layout(
            BackupLabel label,
            List<BackupLabel> references,
            Compression compression,
            boolean raw,
            @Nullable String pass,
            int pageSize,
            int segmentBlocks) {
        byte @Nullable [] passBytes() {
            return pass == null ? null : pass.getBytes(StandardCharsets.UTF_8);
        }

        /** Without the pass. */
        @Override
        public String toString() {
            return "Layout[" + label + ", " + compression.type() + "]";
        }
    }

    /**
     * What became of a job.
     *
     * @param file for the manifest; null when it went away before it was read
     */
    record Done(CopyJob job, @Nullable ManifestFile file) {}

    /**
     * @param lastBundle the highest number of a bundle in the backup's directory
     */
    FileCopier(
            Storage storage, Backups backups, Layout layout, SourceFiles source, long lastBundle) {
        this.storage = storage;
        this.backups = backups;
        this.layout = layout;
        this.source = source;
        this.lastBundle = new AtomicLong(lastBundle);
    }

    /**
     * Stores a file by itself.
     *
     * @param buffer the caller's, to read into
     */
    Done alone(CopyJob job, byte[] buffer) throws IOException, BackupException {
        try (Output output = new Output(0, () -> create(pathAlone(job), job.file().size()))) {
            ManifestFile stored = copy(job, output, buffer);
            output.commit();
            return new Done(job, stored);
        }
    }

    /**
     * Stores files in a bundle; when all are known already there will be none.
     *
     * @param buffer the caller's, to read into
     */
    List<Done> bundle(List<CopyJob> jobs, byte[] buffer) throws IOException, BackupException {
        long size = jobs.stream().mapToLong(job -> job.file().size()).sum();
        long id = lastBundle.incrementAndGet();
        try (Output output =
                new Output(id, () -> storage.create(directory() + "/bundle/" + id, size))) {
            List<Done> done = new ArrayList<>();
            for (CopyJob job : jobs) {
                done.add(new Done(job, copy(job, output, buffer)));
            }
            output.commit();
            return done;
        }
    }

    /** Stores bytes as a file by itself. */
    ManifestFile put(ManifestFile file, byte[] content) throws IOException, BackupException {
        CopyJob job = new CopyJob(file, null, null);
        try (Output output = new Output(0, () -> create(pathAlone(job), content.length))) {
            output.open();
            ManifestFile stored =
                    store(
                            job,
                            new ByteArrayInputStream(content),
                            new byte[content.length + 1],
                            null,
                            output);
            output.commit();
            return stored;
        }
    }

    private String directory() {
        return backups.directory(layout.label);
    }

    private String pathAlone(CopyJob job) {
        return directory()
                + "/"
                + nameAlone(job.file().name(), job.blocks() != null, layout.compression.type());
    }

    /** What a file that is not bundled is called in a backup's directory. */
    static String nameAlone(String name, boolean isInBlocks, CompressType compression) {
        return name + (isInBlocks ? ".pgbi" : compression.suffix());
    }

    private StorageOutput create(String path, long size) throws IOException {
        if (!FileNames.isText(path)) {
            throw new IOException(
                    "the name of "
                            + path
                            + " is not UTF-8, and so it can only be stored in a bundle");
        }
        return storage.create(path, size);
    }

    private @Nullable ManifestFile copy(CopyJob job, Output output, byte[] buffer)
            throws IOException, BackupException {
        String name = job.file().name();
        try (SourceFiles.Source file = source.open(name)) {
            ManifestFile same = job.same();
            if (same != null && isWorthComparing(job, same)) {
                if (hasContent(file, job, same, buffer)) {
                    return same;
                }
                file.rewind();
            }
            return store(job, file, buffer, pages(name, file).orElse(null), output);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Storing in blocks compares with the earlier backup anyway. */
    private static boolean isWorthComparing(CopyJob job, ManifestFile same) {
        CopyJob.Blocks blocks = job.blocks();
        return blocks == null || blocks.earlier() == null || same.reference() == null;
    }

    private static boolean hasContent(
            SourceFiles.Source file, CopyJob job, ManifestFile same, byte[] buffer)
            throws IOException {
        Sha1 sha1 = new Sha1();
        long left = job.file().size();
        while (left > 0) {
            int count = file.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (count <= 0) {
                return false;
            }
            sha1.update(buffer, 0, count);
            left -= count;
        }
        return sha1.digest().equals(same.checksum());
    }

    private Optional<PageVerifier> pages(String name, SourceFiles.Source file) {
        if (layout.pageSize == 0) {
            return Optional.empty();
        }
        return relation(name)
                .map(
                        relation ->
                                new PageVerifier(
                                        layout.pageSize,
                                        relation.firstBlock(layout.segmentBlocks),
                                        file::reread));
    }

    static Optional<RelationName> relation(String name) {
        String prefix = Manifest.PG_DATA + "/";
        return CopyList.pages(name.startsWith(prefix) ? name.substring(prefix.length()) : name);
    }

    private ManifestFile store(
            CopyJob job, InputStream in, byte[] buffer, @Nullable PageVerifier pages, Output output)
            throws IOException, BackupException {
        output.begin();
        CopyJob.Blocks blocks = job.blocks();
        BlockWriter writer = blocks == null ? null : blockWriter(blocks, output);
        List<Filter> filters = writer == null ? filters(output.isBundle()) : List.of(writer);
        Pipeline.Result result;
        try (Pipeline pipeline = new Pipeline(filters, Pipeline.Digests.BOTH, pages, output)) {
            result = pipeline.copy(in, job.file().size(), buffer);
        }
        PageCheck check = pages == null ? null : check(pages.result());
        if (writer != null && writer.mapSize() == 0 && result.inputSize() > 0) {
            return unchanged(job, result, check);
        }
        if (result.inputSize() == 0) {
            return empty(job, result, check, output);
        }
        ManifestFile stored =
                job.file()
                        .stored(
                                result.inputSize(),
                                result.inputChecksum(),
                                stored(result),
                                result.outputSize(),
                                writer == null || blocks == null || writer.mapSize() == 0
                                        ? null
                                        : new BlockIncremental(
                                                blocks.blockSize(),
                                                blocks.checksumSize(),
                                                writer.mapSize()),
                                check);
        return output.isBundle() ? stored.inBundle(output.bundle, output.start) : stored;
    }

    /** Where it is bundled, an empty file is in the manifest only. */
    private static ManifestFile empty(
            CopyJob job, Pipeline.Result result, @Nullable PageCheck check, Output output)
            throws IOException {
        if (output.isBundle()) {
            return job.file().stored(0, null, null, 0, null, check);
        }
        output.open();
        return job.file().stored(0, null, stored(result), result.outputSize(), null, check);
    }

    /** Not said of what is stored as it is. */
    private static @Nullable Checksum stored(Pipeline.Result result) {
        return result.outputChecksum().equals(result.inputChecksum())
                ? null
                : result.outputChecksum();
    }

    /** The blocks are those of the earlier backup: nothing was stored. */
    private static ManifestFile unchanged(
            CopyJob job, Pipeline.Result result, @Nullable PageCheck check) throws BackupException {
        CopyJob.Blocks blocks = Objects.requireNonNull(job.blocks());
        ManifestFile earlier = Objects.requireNonNull(blocks.earlier());
        if (!result.inputChecksum().equals(earlier.checksum())) {
            throw new BackupException(
                    BackrestExit.CHECKSUM,
                    job.file().name()
                            + " has the blocks of the prior backup, but another checksum: "
                            + result.inputChecksum()
                            + " in place of "
                            + earlier.checksum(),
                    "the prior backup may be damaged: verify it, or make a full backup");
        }
        ManifestFile listed = job.file();
        return new ManifestFile(
                listed.name(),
                result.inputSize(),
                listed.originalSize(),
                listed.timestamp(),
                earlier.checksum(),
                earlier.repoChecksum(),
                earlier.repoSize(),
                earlier.bundleId(),
                earlier.bundleOffset(),
                earlier.reference(),
                earlier.block(),
                check,
                listed.user(),
                listed.group(),
                listed.mode());
    }

    private static PageCheck check(PageVerifier.Result result) {
        return result.valid()
                ? PageCheck.VALID
                : PageCheck.invalid(
                        result.errors().stream()
                                .map(range -> new PageCheck.Pages(range.first(), range.last()))
                                .toList());
    }

    private List<Filter> filters(boolean isBundle) {
        boolean raw = isBundle && layout.raw;
        List<Filter> filters = new ArrayList<>();
        if (layout.compression.type() != CompressType.NONE) {
            filters.add(layout.compression.compressor(raw));
        }
        byte[] pass = layout.passBytes();
        if (pass != null) {
            filters.add(Filters.encryptor(pass, raw));
        }
        return filters;
    }

    private BlockWriter blockWriter(CopyJob.Blocks blocks, Output output) throws IOException {
        return new BlockWriter(
                new BlockWriter.Settings(
                        blocks.blockSize(),
                        blocks.checksumSize(),
                        blocks.superBlockSize(),
                        layout.references.indexOf(layout.label),
                        output.bundle,
                        output.start,
                        earlierMap(blocks),
                        layout.compression,
                        layout.passBytes()));
    }

    private @Nullable BlockMap earlierMap(CopyJob.Blocks blocks) throws IOException {
        ManifestFile earlier = blocks.earlier();
        if (earlier == null) {
            return null;
        }
        long size = Objects.requireNonNull(earlier.block()).mapSize();
        if (size > MAX_MAP || size > earlier.repoSize()) {
            throw new IOException(
                    "block map of " + earlier.name() + " has an impossible size: " + size);
        }
        String directory = backups.directory(Objects.requireNonNull(earlier.reference()));
        String path =
                earlier.isBundled()
                        ? directory + "/bundle/" + earlier.bundleId()
                        : directory
                                + "/"
                                + nameAlone(earlier.name(), true, layout.compression.type());
        long start = earlier.isBundled() ? earlier.bundleOffset() : 0;
        try (InputStream in = storage.open(path, start + earlier.repoSize() - size, size)) {
            return BlockReader.readMap(
                    in.readNBytes((int) size),
                    blocks.blockSize(),
                    blocks.checksumSize(),
                    layout.passBytes());
        }
    }

    private interface Opener {
        StorageOutput open() throws IOException;
    }

    /** A bundle or a file, made when the first byte comes. */
    private static final class Output implements Sink, AutoCloseable {
        private final long bundle;
        private final Opener opener;
        private @Nullable StorageOutput output;
        private long size;
        private long start;

        Output(long bundle, Opener opener) {
            this.bundle = bundle;
            this.opener = opener;
        }

        boolean isBundle() {
            return bundle != 0;
        }

        /** A file begins here. */
        void begin() {
            start = size;
        }

        void open() throws IOException {
            if (output == null) {
                output = opener.open();
            }
        }

        @Override
        public void accept(byte[] data, int offset, int length) throws IOException {
            open();
            Objects.requireNonNull(output).write(data, offset, length);
            size += length;
        }

        void commit() throws IOException {
            if (output != null) {
                output.commit();
            }
        }

        @Override
        public void close() {
            if (output != null) {
                output.close();
            }
        }
    }
}
