package io.pgnode.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Who we are, who owns what, and giving up root for good. */
public final class Privileges {
    private Privileges() {}

    public static int effectiveUid() {
        return Libc.get().geteuid();
    }

    public static boolean isRoot() {
        return effectiveUid() == 0;
    }

    /**
     * Makes the whole process, all its threads, run as this user, with the user's groups. There is
     * no way back. Needs root.
     *
     * @throws IOException when the kernel refuses; the process may then be half-way and should end
     */
    public static void dropTo(User user) throws IOException {
        Libc libc = Libc.get();
        check(libc.initgroups(Libc.cString(user.name()), user.gid()), "initgroups", user);
        check(libc.setgid(user.gid()), "setgid", user);
        check(libc.setuid(user.uid()), "setuid", user);
    }

    private static void check(int result, String call, User user) throws IOException {
        if (result < 0) {
            throw new ErrnoException("cannot become user " + user.name() + ": " + call, -result);
        }
    }

    /** Uid of the owner of a file or directory; of a link itself, not its target. */
    public static int ownerUid(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    /** Permissions such as {@code rwxr-x---}. */
    public static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    /** Gives a file or directory, not what is in it, to the user and the user's group. */
    public static void giveTo(User user, Path path) throws IOException {
        Files.setAttribute(path, "unix:uid", user.uid(), LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:gid", user.gid(), LinkOption.NOFOLLOW_LINKS);
    }
}
