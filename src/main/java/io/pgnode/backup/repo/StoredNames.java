package io.pgnode.backup.repo;

import io.pgnode.backup.core.Checksum;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.storage.ObjectInfo;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names of WAL files in an archive: with the content's hash, where they have one. */
final class StoredNames {
    private static final Pattern SHAPE =
            Pattern.compile(
                    "(?<hashed>[0-9A-F]{24}(\\.partial)?)-(?<checksum>[0-9a-f]{40})"
                            + "(\\.(gz|lz4|zst|bz2))?"
                            + "|(?<plain>[0-9A-F]{24}\\.[0-9A-F]{8}\\.backup|[0-9A-F]{8}\\.history)");

    private StoredNames() {}

    /** Of an entry of a directory; empty when it is no WAL file. */
    static Optional<StoredWal> parse(String directory, ObjectInfo info) {
        Matcher parts = SHAPE.matcher(info.name());
        if (!parts.matches()) {
            return Optional.empty();
        }
        String plain = parts.group("plain");
        boolean isPlain = plain != null;
        @Nullable Checksum checksum = isPlain ? null : Checksum.parse(parts.group("checksum"));
        return Optional.of(
                new StoredWal(
                        WalFile.parse(isPlain ? plain : parts.group("hashed")),
                        directory + "/" + info.name(),
                        checksum,
                        isPlain ? CompressType.NONE : CompressType.ofFileName(info.name()),
                        info.size()));
    }

    /** Below the archive's root: {@code 15-1/0000000100000000/00000001…-hash.zst}. */
    static String path(String archiveId, WalFile file, Checksum checksum, CompressType type) {
        String suffix = file.isPlain() ? "" : "-" + checksum + type.suffix();
        return archiveId + "/" + file.path() + suffix;
    }
}
