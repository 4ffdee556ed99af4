package io.pgnode.backup.repo;

import io.pgnode.backup.storage.Storage;
import io.pgnode.backup.storage.StorageOutput;
import io.pgnode.config.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A storage whose files may be encrypted. A null pass is no encryption. Safe for use by many
 * threads; streams and outputs are one thread's each.
 */
public final class RepositoryFiles {
    RepositoryFiles(Storage storage) {
        throw new UnsupportedOperationException();
    }

    /** What it reads and writes; its bytes are the encrypted ones. */
    public Storage storage() {
        throw new UnsupportedOperationException();
    }

    /**
     * The whole file.
     *
     * @param limit bytes, of the stored file
     */
    public byte[] read(String path, @Nullable Secret pass, int limit) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** The whole file as a stream, which the caller closes. */
    public InputStream open(String path, @Nullable Secret pass) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Replaces a file, durably. */
    public void put(String path, byte[] content, @Nullable Secret pass) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Begins a file; as {@link Storage#create}.
     *
     * @param expected bytes before encryption, about
     */
    public StorageOutput create(String path, long expected, @Nullable Secret pass)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Parses a file. */
    @FunctionalInterface
    public interface Parser<T> {
        T parse(byte[] content) throws io.pgnode.backup.core.FormatException;
    }

    /**
     * Reads an info file, or its copy when the file is missing or damaged; empty when both are
     * missing.
     *
     * @throws IOException when neither can be read, and there is one
     */
    public <T> Optional<T> readInfo(String path, @Nullable Secret pass, Parser<T> parser)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Writes an info file, then its copy. */
    public void putInfo(String path, byte[] content, @Nullable Secret pass) throws IOException {
        throw new UnsupportedOperationException();
    }
}
