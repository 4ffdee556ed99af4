package io.pgnode.backup.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Owners, groups, modes and times of what is restored.
 *
 * <p>Root gives files to whom the backup says, or, where this host has no such account, to the
 * owner of the directory that is restored to. Everybody else owns what he restores. Thread-safe.
 */
final class Ownership {
    private static final PosixFilePermission[] BITS = {
        PosixFilePermission.OTHERS_EXECUTE,
        PosixFilePermission.OTHERS_WRITE,
        PosixFilePermission.OTHERS_READ,
        PosixFilePermission.GROUP_EXECUTE,
        PosixFilePermission.GROUP_WRITE,
        PosixFilePermission.GROUP_READ,
        PosixFilePermission.OWNER_EXECUTE,
        PosixFilePermission.OWNER_WRITE,
        PosixFilePermission.OWNER_READ
    };

    private final @Nullable PosixFileAttributes fallback;
    private final boolean isRoot;
    private final Map<String, Optional<java.nio.file.attribute.UserPrincipal>> users =
            new ConcurrentHashMap<>();
    private final Map<String, Optional<java.nio.file.attribute.GroupPrincipal>> groups =
            new ConcurrentHashMap<>();
    private final Path dataDir;

    /**
     * @param dataDir exists
     */
    Ownership(Path dataDir) throws IOException {
        this.dataDir = dataDir;
        this.isRoot = isRoot();
        this.fallback = isRoot ? Files.readAttributes(dataDir, PosixFileAttributes.class) : null;
    }

    private static boolean isRoot() throws IOException {
        // Uid: real, effective, saved, of the file system.
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("Uid:"))
                .anyMatch(line -> line.split("\\s+", -1)[2].equals("0"));
    }

    /**
     * Makes them what they should be; does nothing where they are.
     *
     * @param mode permission bits
     * @param modified null to leave it
     */
    void apply(
            Path path,
            int mode,
            @Nullable String user,
            @Nullable String group,
            @Nullable Instant modified)
            throws WriteFailure {
        try {
            PosixFileAttributeView view =
                    Files.getFileAttributeView(path, PosixFileAttributeView.class);
            PosixFileAttributes now = view.readAttributes();
            if (isRoot) {
                give(view, now, user, group);
            }
            Set<PosixFilePermission> permissions = permissions(mode);
            if (!now.permissions().equals(permissions)) {
                view.setPermissions(permissions);
            }
            if (modified != null && !now.lastModifiedTime().toInstant().equals(modified)) {
                FileTime time = FileTime.from(modified);
                view.setTimes(time, null, null);
            }
        } catch (IOException e) {
            throw new WriteFailure(path, e);
        }
    }

    /** A link's owner; it has no mode. */
    void applyToLink(Path link, @Nullable String user, @Nullable String group) throws WriteFailure {
        if (!isRoot) {
            return;
        }
        try {
            PosixFileAttributeView view =
                    Files.getFileAttributeView(
                            link, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
            give(view, view.readAttributes(), user, group);
        } catch (IOException e) {
            throw new WriteFailure(link, e);
        }
    }

    private void give(
            PosixFileAttributeView view,
            PosixFileAttributes now,
            @Nullable String user,
            @Nullable String group)
            throws IOException {
        if (fallback == null) {
            return;
        }
        var owner = user(user).orElse(fallback.owner());
        if (!now.owner().equals(owner)) {
            view.setOwner(owner);
        }
        var itsGroup = group(group).orElse(fallback.group());
        if (!now.group().equals(itsGroup)) {
            view.setGroup(itsGroup);
        }
    }

    private Optional<java.nio.file.attribute.UserPrincipal> user(@Nullable String name) {
        return name == null
                ? Optional.empty()
                : users.computeIfAbsent(
                        name,
                        wanted -> {
                            try {
                                return Optional.of(accounts().lookupPrincipalByName(wanted));
                            } catch (IOException e) {
                                return Optional.empty();
                            }
                        });
    }

    private Optional<java.nio.file.attribute.GroupPrincipal> group(@Nullable String name) {
        return name == null
                ? Optional.empty()
                : groups.computeIfAbsent(
                        name,
                        wanted -> {
                            try {
                                return Optional.of(accounts().lookupPrincipalByGroupName(wanted));
                            } catch (IOException e) {
                                return Optional.empty();
                            }
                        });
    }

    private UserPrincipalLookupService accounts() {
        return dataDir.getFileSystem().getUserPrincipalLookupService();
    }

    static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < BITS.length; bit++) {
            if ((mode >> bit & 1) == 1) {
                permissions.add(BITS[bit]);
            }
        }
        return permissions;
    }
}
