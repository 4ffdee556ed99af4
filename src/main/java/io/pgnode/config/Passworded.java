package io.pgnode.config;

import java.nio.file.Path;
import java.util.Optional;

/** A section with a password, either written in the configuration or in a file of its own. */
public interface Passworded {
    /** Give this or {@code password-file}, not both. */
    @Reloadable
    Optional<Secret> password();

    /** File whose first line is the password; mode 0600 or 0640. */
    @Reloadable
    Optional<Path> passwordFile();
}
