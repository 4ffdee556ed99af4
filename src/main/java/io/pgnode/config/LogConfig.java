package io.pgnode.config;

import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;

/** Our own log. */
public interface LogConfig {
    @Reloadable
    @WithDefault("info")
    Level level();

    @Reloadable
    @WithDefault("text")
    Format format();

    /** A file instead of standard error; opened again at each reload. */
    @Reloadable
    Optional<Path> file();

    enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    enum Format {
        TEXT,
        JSON
    }
}
