package io.pgnode.backup.storage;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The files below a repository's root. Paths are relative to it, parts separated by slashes,
 * without {@code .}, {@code ..}, an empty part or a slash at the ends; anything else is an {@link
 * IllegalArgumentException}.
 *
 * <p>Safe for use by many threads; calls block, each with a deadline and, where that helps, retries
 * of its own. Failures are {@link StorageException}s that name the object.
 */
public interface Storage extends AutoCloseable {
    /** Where it is, for messages: {@code /var/lib/pgbackrest}, {@code s3://bucket/path}. */
    String describe();

    /** Whether symbolic links can be made. */
    boolean hasLinks();

    /** What is known of an object or a directory; empty when there is none. */
    Optional<ObjectInfo> info(String path) throws IOException;

    /**
     * Entries of a directory, by name (by UTF-16 code units); none when it does not exist. The
     * empty path is the root. Temporary files of unfinished writes are not among them.
     */
    default List<ObjectInfo> list(String directory) throws IOException {
        return list(directory, "");
    }

    /**
     * As {@link #list(String)}, of those entries whose names begin with a prefix: nothing is asked
     * about the others.
     *
     * @param prefix without slashes; empty for all
     */
    List<ObjectInfo> list(String directory, String prefix) throws IOException;

    /** As {@link #list}, of the whole tree; directories before what they hold. */
    List<ObjectInfo> walk(String directory) throws IOException;

    /**
     * The whole object.
     *
     * @param limit bytes; a larger one is damaged, and not read
     * @throws StorageException {@code MISSING} when there is none
     */
    byte[] read(String path, int limit) throws IOException;

    /** The whole object as a stream, which the caller closes. */
    InputStream open(String path) throws IOException;

    /**
     * Part of an object; fewer bytes than asked for are {@code DAMAGED} where the stream ends.
     *
     * @param length bytes, more than zero
     */
    InputStream open(String path, long offset, long length) throws IOException;

    /**
     * Writes an object as a whole, replacing another: readers see the old or the new one. Durable
     * when the call returns. Directories above are made.
     */
    void put(String path, byte[] content) throws IOException;

    /**
     * Writes an object only when there is none of that name; durable when the call returns.
     *
     * @return false when there is one, which keeps its content. An object with the very same bytes
     *     may be taken for the one that this call wrote, so who asks for exclusion writes something
     *     of its own into it.
     * @throws StorageException {@code OTHER} when an object store cannot do so
     */
    boolean putIfAbsent(String path, byte[] content) throws IOException;

    /**
     * Begins to write an object piece by piece; it is there, whole and durable, after {@link
     * StorageOutput#commit}, and never before. An object of that name is replaced.
     *
     * @param expectedSize bytes, about; the storage sizes its parts by it
     */
    StorageOutput create(String path, long expectedSize) throws IOException;

    /**
     * Makes a directory durable with all that is in it; nothing to do for object stores, and not
     * needed after {@link #put} and {@link StorageOutput#commit}.
     */
    void makeDirectory(String path) throws IOException;

    /** Where a symbolic link leads, as it was made; empty when it is none. */
    default Optional<String> linkTarget(String path) throws IOException {
        return Optional.empty();
    }

    /** Makes or replaces a symbolic link; only when {@link #hasLinks}. */
    void link(String path, String target) throws IOException;

    /** Removes an object or a link; no error when there is none. */
    void remove(String path) throws IOException;

    /** Removes objects, in batches where the storage has them; no error for those not there. */
    void removeAll(Collection<String> paths) throws IOException;

    /** Removes a directory with all that is in it; no error when there is none. */
    void removeTree(String directory) throws IOException;

    /**
     * Removes what writers that were killed have left below a directory: temporary files, and parts
     * of uploads.
     *
     * @param before begun or last written before this; a writer that is alive must not be among
     *     them
     * @return how many
     */
    int removeUnfinished(String directory, Instant before) throws IOException;

    @Override
    void close();
}
