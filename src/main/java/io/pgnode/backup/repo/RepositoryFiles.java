package io.pgnode.backup.repo;

import io.pgnode.backup.codec.Filter;
import io.pgnode.backup.codec.Filters;
import io.pgnode.backup.core.FormatException;
import io.pgnode.backup.storage.Storage;
import io.pgnode.backup.storage.StorageException;
import io.pgnode.backup.storage.StorageOutput;
import io.pgnode.config.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A storage whose files may be encrypted. A null pass is no encryption. Safe for use by many
 * threads; streams and outputs are one thread's each.
 */
public final class RepositoryFiles {
    /** What the name of a copy of an info file ends with. */
    static final String COPY = ".copy";

    private static final int INFO_LIMIT = 1 << 26;
    private static final byte[] SALTED = "Salted__".getBytes(StandardCharsets.US_ASCII);
    private static final int BLOCK = 16;

    private final Storage storage;

    RepositoryFiles(Storage storage) {
        this.storage = storage;
    }

    /** What it reads and writes; its bytes are the encrypted ones. */
    public Storage storage() {
        return storage;
    }

    /**
     * The whole file.
     *
     * @param limit bytes, of the stored file
     * @throws UnreadableException when it cannot be decrypted
     */
    public byte[] read(String path, @Nullable Secret pass, int limit) throws IOException {
        byte[] stored = storage.read(path, limit);
        boolean isSalted =
                stored.length >= SALTED.length
                        && Arrays.equals(stored, 0, SALTED.length, SALTED, 0, SALTED.length);
        if (pass == null) {
            if (isSalted) {
                throw new UnreadableException(name(path) + " is encrypted, but no cipher is set");
            }
            return stored;
        }
        if (!isSalted) {
            throw new UnreadableException(name(path) + " is not encrypted, but a cipher is set");
        }
        try {
            return Filters.apply(Filters.decryptor(bytes(pass), false), stored, limit);
        } catch (IOException e) {
            throw new UnreadableException(
                    name(path) + " cannot be decrypted: the cipher pass is wrong, or it is damaged",
                    e);
        }
    }

    private String name(String path) {
        return path + " in " + storage.describe();
    }

    /** A pass as the ciphers take it. */
    public static byte[] bytes(Secret pass) {
        return pass.reveal().getBytes(StandardCharsets.UTF_8);
    }

    /** The whole file as a stream, which the caller closes. */
    public InputStream open(String path, @Nullable Secret pass) throws IOException {
        InputStream stored = storage.open(path);
        return pass == null ? stored : Filters.input(stored, Filters.decryptor(bytes(pass), false));
    }

    /** Replaces a file, durably. */
    public void put(String path, byte[] content, @Nullable Secret pass) throws IOException {
        storage.put(
                path,
                pass == null
                        ? content
                        : Filters.apply(Filters.encryptor(bytes(pass), false), content));
    }

    /**
     * Begins a file; as {@link Storage#create}.
     *
     * @param expected bytes before encryption, about
     */
    public StorageOutput create(String path, long expected, @Nullable Secret pass)
            throws IOException {
        if (pass == null) {
            return storage.create(path, expected);
        }
        return new EncryptedOutput(
                storage.create(path, expected + SALTED.length + 2 * BLOCK),
                Filters.encryptor(bytes(pass), false));
    }

    /** Encrypts what goes to another output. */
    private record EncryptedOutput(StorageOutput out, Filter encryptor) implements StorageOutput {
        @Override
        public void write(byte[] data, int offset, int length) throws IOException {
            encryptor.update(data, offset, length, out::write);
        }

        @Override
        public void commit() throws IOException {
            encryptor.finish(out::write);
            out.commit();
        }

        @Override
        public void close() {
            try {
                encryptor.close();
            } finally {
                out.close();
            }
        }
    }

    /** Parses a file. */
    @FunctionalInterface
    public interface Parser<T> {
        T parse(byte[] content) throws FormatException;
    }

    /**
     * Reads an info file, or its copy when the file is missing or damaged; empty when both are
     * missing.
     *
     * @throws IOException when neither can be read, and there is one
     */
    public <T> Optional<T> readInfo(String path, @Nullable Secret pass, Parser<T> parser)
            throws IOException {
        return readInfo(path, pass, INFO_LIMIT, parser);
    }

    <T> Optional<T> readInfo(String path, @Nullable Secret pass, int limit, Parser<T> parser)
            throws IOException {
        try {
            return Optional.of(parse(path, pass, limit, parser));
        } catch (IOException e) {
            Optional<T> copy = readCopy(path, pass, limit, parser, e);
            if (copy.isEmpty() && !isMissing(e)) {
                throw e;
            }
            return copy;
        }
    }

    private <T> Optional<T> readCopy(
            String path, @Nullable Secret pass, int limit, Parser<T> parser, IOException first)
            throws IOException {
        try {
            return Optional.of(parse(path + COPY, pass, limit, parser));
        } catch (IOException e) {
            if (isMissing(e)) {
                return Optional.empty();
            }
            if (isMissing(first)) {
                throw e;
            }
            first.addSuppressed(e);
            throw first;
        }
    }

    static boolean isMissing(IOException e) {
        return e instanceof StorageException storage && storage.isMissing();
    }

    private <T> T parse(String path, @Nullable Secret pass, int limit, Parser<T> parser)
            throws IOException {
        try {
            return parser.parse(read(path, pass, limit));
        } catch (FormatException e) {
            throw new StorageException(
                    StorageException.Kind.DAMAGED,
                    name(path) + " is not what it should be: " + e.getMessage(),
                    e);
        }
    }

    /** Writes an info file, then its copy. */
    public void putInfo(String path, byte[] content, @Nullable Secret pass) throws IOException {
        put(path, content, pass);
        put(path + COPY, content, pass);
    }
}
