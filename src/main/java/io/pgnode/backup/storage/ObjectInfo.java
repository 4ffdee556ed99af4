package io.pgnode.backup.storage;

import java.time.Instant;

/**
 * What a storage says of an object.
 *
 * @param name relative to what was listed, parts separated by slashes; never starts or ends with
 *     one
 * @param size bytes; zero for a directory or a link
 * @param modified when it was written; the epoch for a directory of an object store
 */
public record ObjectInfo(String name, Kind kind, long size, Instant modified) {
    /** What an entry of a listing is. */
    public enum Kind {
        FILE,
        DIRECTORY,
        LINK
    }

    public boolean isFile() {
        return kind == Kind.FILE;
    }

    public boolean isDirectory() {
        return kind == Kind.DIRECTORY;
    }
}
