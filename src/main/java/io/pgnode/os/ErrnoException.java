package io.pgnode.os;

import java.io.IOException;

/** A call to the operating system failed with an error number. */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    ErrnoException(String what, int errno) {
        super(what + ": " + Errno.text(errno));
        this.errno = errno;
    }

    int errno() {
        return errno;
    }
}
