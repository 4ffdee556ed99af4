package io.pgnode.backup.storage;

import io.pgnode.backup.core.RawText;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** Names of files that are not whole yet; pgBackRest takes them for its own. */
final class Temporary {
    /** pgBackRest's. */
    static final String SUFFIX = ".pgbackrest.tmp";

    private static final Pattern OURS =
            Pattern.compile("(?:.*\\.)?[0-9a-f]{16}\\.pgbackrest\\.tmp");
    private static final int NAME_BYTES = 255;

    private Temporary() {}

    /** A new name beside the file's. */
    static String of(String path) {
        String slash = path.substring(0, path.lastIndexOf('/') + 1);
        String name = path.substring(slash.length());
        String tail = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()) + SUFFIX;
        String whole = name + "." + tail;
        boolean fits = RawText.encode(whole).length <= NAME_BYTES;
        return slash + (fits ? whole : tail);
    }

    static boolean is(String name) {
        return name.endsWith(SUFFIX);
    }

    /** Whether it is of a writer of this program. */
    static boolean isOurs(String name) {
        return is(name) && OURS.matcher(name).matches();
    }
}
