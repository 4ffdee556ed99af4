package io.pgnode.backup.restore;

import io.pgnode.backup.codec.BlockMap;
import io.pgnode.backup.codec.BlockReader;
import io.pgnode.backup.codec.Filter;
import io.pgnode.backup.codec.Filters;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BlockIncremental;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.repo.Repository;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The stored files of one backup in one repository. Safe for use by many threads. */
final class BackupSource {
    /** What is read at once. */
    private static final int BUFFER = 256 * 1024;

    /** The map of the largest file that PostgreSQL has is far smaller; a larger one is damaged. */
    private static final long MAX_MAP = 64L * 1024 * 1024;

    private static final String BLOCKS_SUFFIX = ".pgbi";

    private final Repository repository;
    private final Manifest manifest;
    private final CompressType compression;
    private final byte @Nullable [] pass;
    private final List<BackupLabel> references;

    BackupSource(Repository repository, Manifest manifest) {
        this.repository = repository;
        this.manifest = manifest;
        this.compression = manifest.options().compression();
        String secret = manifest.cipherPass();
        this.pass = secret == null ? null : secret.getBytes(StandardCharsets.UTF_8);
        this.references = manifest.references();
    }

    Manifest manifest() {
        return manifest;
    }

    Repository repository() {
        return repository;
    }

    /** The stored file that a file is in. */
    String path(ManifestFile file) {
        String directory = repository.backups().directory(holder(file));
        if (file.isBundled()) {
            return bundle(directory, file.bundleId());
        }
        return alone(directory, file);
    }

    private static String bundle(String directory, long id) {
        return directory + "/bundle/" + Long.toUnsignedString(id);
    }

    private String alone(String directory, ManifestFile file) {
        return directory
                + "/"
                + file.name()
                + (file.block() == null ? compression.suffix() : BLOCKS_SUFFIX);
    }

    private BackupLabel holder(ManifestFile file) {
        BackupLabel reference = file.reference();
        return reference == null ? manifest.label() : reference;
    }

    /** Opens the stored bytes from a place on. */
    InputStream open(String path, long offset, long length) throws IOException {
        return repository.storage().open(path, offset, length);
    }

    /** Reads a file by requests of its own. */
    void read(ManifestFile file, BlockReader.BlockSink out) throws IOException {
        if (file.repoSize() <= 0) {
            throw new IOException("the manifest has no size of what is stored");
        }
        BlockIncremental block = file.block();
        if (block != null) {
            checkMapSize(file, block);
            byte[] map;
            try (InputStream in =
                    open(
                            path(file),
                            file.bundleOffset() + file.repoSize() - block.mapSize(),
                            block.mapSize())) {
                map = exactly(in, (int) block.mapSize());
            }
            readBlocks(file, block, map, null, out);
            return;
        }
        try (InputStream in =
                file.isBundled()
                        ? open(path(file), file.bundleOffset(), file.repoSize())
                        : repository.storage().open(path(file))) {
            readWhole(file, in, out);
        }
    }

    /** Reads a file whose stored bytes are at hand. */
    void read(ManifestFile file, byte[] stored, BlockReader.BlockSink out) throws IOException {
        BlockIncremental block = file.block();
        if (block == null) {
            readWhole(file, new ByteArrayInputStream(stored), out);
            return;
        }
        checkMapSize(file, block);
        int size = (int) block.mapSize();
        byte[] map = new byte[size];
        System.arraycopy(stored, stored.length - size, map, 0, size);
        readBlocks(file, block, map, stored, out);
    }

    private void readWhole(ManifestFile file, InputStream in, BlockReader.BlockSink out)
            throws IOException {
        boolean raw = file.isBundled() && manifest.header().bundleRaw();
        long[] at = {0};
        io.pgnode.backup.codec.Sink sink =
                (data, offset, length) -> {
                    out.accept(at[0], data, offset, length);
                    at[0] += length;
                };
        try (Filter filter = Filters.chain(filters(raw))) {
            byte[] buffer = new byte[(int) Math.min(BUFFER, Math.max(1, file.repoSize()))];
            long left = file.repoSize();
            while (left > 0) {
                int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (count < 0) {
                    throw new EOFException(left + " bytes are missing at the end");
                }
                filter.update(buffer, 0, count, sink);
                left -= count;
            }
            filter.finish(sink);
        }
    }

    private List<Filter> filters(boolean raw) {
        List<Filter> filters = new ArrayList<>();
        if (pass != null) {
            filters.add(Filters.decryptor(pass, raw));
        }
        if (compression != CompressType.NONE) {
            filters.add(Filters.decompressor(compression, raw));
        }
        return filters;
    }

    private static void checkMapSize(ManifestFile file, BlockIncremental block) throws IOException {
        if (block.mapSize() <= 0 || block.mapSize() > Math.min(MAX_MAP, file.repoSize())) {
            throw new IOException(
                    "its block map would have "
                            + block.mapSize()
                            + " of "
                            + file.repoSize()
                            + " bytes");
        }
    }

    private void readBlocks(
            ManifestFile file,
            BlockIncremental block,
            byte[] storedMap,
            byte @Nullable [] stored,
            BlockReader.BlockSink out)
            throws IOException {
        BlockMap map =
                BlockReader.readMap(storedMap, block.blockSize(), block.checksumSize(), pass);
        BlockReader reader = new BlockReader(map, file.size(), compression, pass);
        int own = references.indexOf(holder(file));
        for (BlockReader.Range range : reader.ranges()) {
            if (range.reference() < 0 || range.reference() >= references.size()) {
                throw new IOException(
                        "its block map names backup "
                                + range.reference()
                                + " of "
                                + references.size());
            }
            long inStored = range.offset() - file.bundleOffset();
            boolean isAtHand =
                    stored != null
                            && range.reference() == own
                            && range.bundle() == file.bundleId()
                            && inStored >= 0
                            && inStored + range.size() <= stored.length;
            if (isAtHand && stored != null) {
                reader.read(
                        range,
                        new ByteArrayInputStream(stored, (int) inStored, (int) range.size()),
                        out);
                continue;
            }
            String directory = repository.backups().directory(references.get(range.reference()));
            String path =
                    range.bundle() == 0
                            ? alone(directory, file)
                            : bundle(directory, range.bundle());
            try (InputStream in = open(path, range.offset(), range.size())) {
                reader.read(range, in, out);
            } catch (IOException e) {
                throw e instanceof WriteFailure ? e : new IOException(path + ": " + text(e), e);
            }
        }
    }

    /**
     * @param length checked by the caller
     */
    static byte[] exactly(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException((length - bytes.length) + " bytes are missing at the end");
        }
        return bytes;
    }

    static String text(IOException e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
