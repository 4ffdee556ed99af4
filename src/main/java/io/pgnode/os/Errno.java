package io.pgnode.os;

/** The error number that a C function left, and its name. Linux numbers, equal on all our CPUs. */
final class Errno {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int ESRCH = 3;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int ENOTTY = 25;
    static final int ENOSYS = 38;
    static final int EOPNOTSUPP = 95;

    private Errno() {}

    /** What the number means, for messages. */
    static String text(int errno) {
        return switch (errno) {
            case EPERM -> "operation not permitted (EPERM)";
            case ENOENT -> "no such file or directory (ENOENT)";
            case ESRCH -> "no such process (ESRCH)";
            case EINTR -> "interrupted (EINTR)";
            case EAGAIN -> "temporarily unavailable (EAGAIN)";
            case 12 -> "out of memory (ENOMEM)";
            case EACCES -> "permission denied (EACCES)";
            case 16 -> "device or resource busy (EBUSY)";
            case 19 -> "no such device (ENODEV)";
            case 21 -> "is a directory (EISDIR)";
            case 22 -> "invalid argument (EINVAL)";
            case 23 -> "too many open files in the system (ENFILE)";
            case 24 -> "too many open files (EMFILE)";
            case ENOTTY -> "not supported by the device (ENOTTY)";
            case 28 -> "no space left on device (ENOSPC)";
            case 30 -> "read-only file system (EROFS)";
            case ENOSYS -> "not supported by the kernel (ENOSYS)";
            case EOPNOTSUPP -> "operation not supported (EOPNOTSUPP)";
            case 111 -> "connection refused (ECONNREFUSED)";
            default -> "error number " + errno;
        };
    }
}
