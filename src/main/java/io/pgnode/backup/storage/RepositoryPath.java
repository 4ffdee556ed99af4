package io.pgnode.backup.storage;

import io.pgnode.backup.core.RawText;
import java.util.Comparator;

/** Paths of repositories: relative, parts separated by slashes. */
final class RepositoryPath {
    /** What file systems take for one name. */
    private static final int PART_BYTES = 255;

    /** A directory, then what it holds, then the next one: a slash sorts before all else. */
    static final Comparator<String> BY_PARTS = RepositoryPath::compareByParts;

    private RepositoryPath() {}

    private static int compareByParts(String one, String other) {
        int length = Math.min(one.length(), other.length());
        for (int i = 0; i < length; i++) {
            char a = one.charAt(i);
            char b = other.charAt(i);
            if (a != b) {
                return a == '/' ? -1 : b == '/' ? 1 : Character.compare(a, b);
            }
        }
        return Integer.compare(one.length(), other.length());
    }

    static boolean isValid(String path) {
        try {
            checked(path);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** The path, when it stays below the root whatever it is joined to. */
    static String checked(String path) {
        if (path.isEmpty()) {
            throw new IllegalArgumentException("path of a repository's file must not be empty");
        }
        return checkedDirectory(path);
    }

    /** As {@link #checked}; empty is the root. */
    static String checkedDirectory(String path) {
        if (path.isEmpty()) {
            return path;
        }
        int start = 0;
        while (true) {
            int slash = path.indexOf('/', start);
            checkPart(path, path.substring(start, slash < 0 ? path.length() : slash));
            if (slash < 0) {
                return path;
            }
            start = slash + 1;
        }
    }

    private static void checkPart(String path, String part) {
        if (part.isEmpty() || part.equals(".") || part.equals("..") || part.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "path must be relative and stay in the repository, was \"" + path + "\"");
        }
        if (part.length() * 3 > PART_BYTES && RawText.encode(part).length > PART_BYTES) {
            throw new IllegalArgumentException(
                    "name in a repository must have at most 255 bytes, was \"" + part + "\"");
        }
    }

    static void checkRange(String path, long offset, long length) {
        if (offset < 0 || length <= 0 || offset + length < 0) {
            throw new IllegalArgumentException(
                    "range of " + path + " must have bytes, was " + length + " at " + offset);
        }
    }

    /** An object store's root without slashes at its ends; empty for the bucket itself. */
    static String normalize(String root) {
        int start = 0;
        int end = root.length();
        while (start < end && root.charAt(start) == '/') {
            start++;
        }
        while (end > start && root.charAt(end - 1) == '/') {
            end--;
        }
        return checkedDirectory(root.substring(start, end));
    }

    static String join(String directory, String name) {
        return directory.isEmpty() ? name : directory + "/" + name;
    }
}
