package io.pgnode.backup.repo;

import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.codec.Pipeline;
import io.pgnode.backup.codec.Sha1;
import io.pgnode.backup.core.ArchiveInfo;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.Checksum;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.storage.StorageOutput;
import io.pgnode.config.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stores one WAL file. Its name in the archive has the hash of its content, so that the content is
 * read before the file is begun: a segment of the usual size once, and kept compressed meanwhile; a
 * larger one twice.
 */
final class WalPush {
    private static final int KEPT_SIZE = 1 << 24;
    private static final int BUFFER = 1 << 18;

    private final Repository repository;
    private final Archive archive;
    private final WalFile file;
    private final WalSource source;

    WalPush(Repository repository, Archive archive, WalFile file, WalSource source) {
        this.repository = repository;
        this.archive = archive;
        this.file = file;
        this.source = source;
    }

    PushResult run(Compression wanted) throws BackupException {
        Compression compression = file.isPlain() ? Compression.of(CompressType.NONE) : wanted;
        try {
            return source.size() > KEPT_SIZE ? pushLarge(compression) : pushSmall(compression);
        } catch (IOException e) {
            throw Failures.of("cannot push " + file.name() + " to " + repository.describe(), e);
        }
    }

    private PushResult pushSmall(Compression compression) throws IOException, BackupException {
        try (KeptBytes kept = new KeptBytes(archive.kept())) {
            Checksum checksum;
            try (Pipeline pipeline =
                    new Pipeline(
                            List.of(compression.compressor(false)),
                            Pipeline.Digests.INPUT,
                            null,
                            kept::write)) {
                checksum = read(pipeline);
            }
            if (isThere(checksum)) {
                return PushResult.ALREADY_THERE;
            }
            try (StorageOutput out = create(checksum, compression.type(), kept.size())) {
                kept.writeTo(out);
                out.commit();
            }
            return PushResult.STORED;
        }
    }

    private PushResult pushLarge(Compression compression) throws IOException, BackupException {
        Checksum checksum;
        try (Pipeline pipeline =
                new Pipeline(List.of(), Pipeline.Digests.INPUT, null, (_, _, _) -> {})) {
            checksum = read(pipeline);
        }
        if (isThere(checksum)) {
            return PushResult.ALREADY_THERE;
        }
        try (StorageOutput out = create(checksum, compression.type(), source.size());
                Pipeline pipeline =
                        new Pipeline(
                                List.of(compression.compressor(false)),
                                Pipeline.Digests.INPUT,
                                null,
                                out::write)) {
            Checksum again = read(pipeline);
            if (!again.equals(checksum)) {
                throw new IOException(source + " changed while it was read");
            }
            out.commit();
        }
        return PushResult.STORED;
    }

    private Checksum read(Pipeline pipeline) throws IOException, BackupException {
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = source.open()) {
            int count = in.readNBytes(buffer, 0, buffer.length);
            checkHeader(buffer, count);
            pipeline.update(buffer, 0, count);
            return pipeline.copy(in, Long.MAX_VALUE, buffer).inputChecksum();
        }
    }

    private void checkHeader(byte[] start, int length) throws BackupException {
        if (!file.isPlain()) {
            ArchiveInfo info = archive.info();
            WalHeader.parse(file.name(), start, length)
                    .check(file.name(), info.databases().current(), repository.describe());
        }
    }

    private StorageOutput create(Checksum checksum, CompressType compression, long expected)
            throws IOException, BackupException {
        String path =
                archive.directory()
                        + "/"
                        + StoredNames.path(archive.archiveId(), file, checksum, compression);
        return repository.files().create(path, expected, archive.pass());
    }

    private boolean isThere(Checksum checksum) throws BackupException, IOException {
        Optional<StoredWal> stored = archive.find(archive.archiveId(), file);
        if (stored.isEmpty()) {
            return false;
        }
        Checksum there = checksumOf(stored.get(), archive.pass());
        if (there.equals(checksum)) {
            return true;
        }
        throw new DuplicateWalException(
                file.name()
                        + " is in "
                        + repository.describe()
                        + " already with another content: there "
                        + there
                        + ", here "
                        + checksum,
                "is another server archiving to this stanza? It is never replaced",
                checksum);
    }

    private Checksum checksumOf(StoredWal stored, @Nullable Secret pass) throws IOException {
        Checksum known = stored.checksum();
        if (known != null) {
            return known;
        }
        Sha1 sha1 = new Sha1();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = repository.files().open(stored.path(), pass)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                sha1.update(buffer, 0, count);
            }
        }
        return sha1.digest();
    }
}
