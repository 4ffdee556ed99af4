package io.pgnode.os;

/** A library that this program needs is not installed on the host. */
public final class MissingLibraryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    MissingLibraryException(String library, String packages, Throwable cause) {
        super(
                "%s cannot be loaded: %s; HINT: install the package %s"
                        .formatted(library, cause.getMessage(), packages),
                cause);
    }
}
