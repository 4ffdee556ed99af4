package io.pgnode.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Who we are, who owns what, and giving up root for good. */
public final class Privileges {
    private static final Downcall GETEUID = Downcall.of("geteuid", JAVA_INT);
    private static final Downcall SETUID = Downcall.of("setuid", JAVA_INT, JAVA_INT);
    private static final Downcall SETGID = Downcall.of("setgid", JAVA_INT, JAVA_INT);
    private static final Downcall INITGROUPS =
            Downcall.of("initgroups", JAVA_INT, ADDRESS, JAVA_INT);

    private Privileges() {}

    public static int effectiveUid() {
        try (Arena arena = Arena.ofConfined()) {
            return (int) GETEUID.handle().invokeExact(Errno.allocate(arena));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
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
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = Errno.allocate(arena);
            MemorySegment name = arena.allocateFrom(user.name());
            int groups = (int) INITGROUPS.handle().invokeExact(errno, name, user.gid());
            check(groups, "initgroups", user, errno);
            int group = (int) SETGID.handle().invokeExact(errno, user.gid());
            check(group, "setgid", user, errno);
            int id = (int) SETUID.handle().invokeExact(errno, user.uid());
            check(id, "setuid", user, errno);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw Downcall.bug(e);
        }
    }

    private static void check(int result, String call, User user, MemorySegment errno)
            throws IOException {
        if (result != 0) {
            throw new ErrnoException(
                    "cannot become user " + user.name() + ": " + call, Errno.read(errno));
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
