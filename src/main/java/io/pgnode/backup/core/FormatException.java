package io.pgnode.backup.core;

import org.jspecify.annotations.Nullable;

/** A file of a repository is not what it should be: damaged, of another kind, of another format. */
public final class FormatException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * @param file what kind of file it is: {@code backup.manifest}
     * @param place section and key, or null for the file as a whole
     */
    public FormatException(String file, @Nullable String place, String problem) {
        this(file, place, problem, null);
    }

    /**
     * @param file what kind of file it is: {@code backup.manifest}
     * @param place section and key, or null for the file as a whole
     */
    public FormatException(
            String file, @Nullable String place, String problem, @Nullable Throwable cause) {
        super(place == null ? file + ": " + problem : file + ": " + place + ": " + problem, cause);
    }
}
