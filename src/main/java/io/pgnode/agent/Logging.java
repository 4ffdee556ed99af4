package io.pgnode.agent;

import io.pgnode.config.LogConfig;
import io.pgnode.os.LogOutput;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Makes this process log as the configuration says, now and after each reload. */
public final class Logging {
    private static final org.jboss.logging.Logger LOG =
            org.jboss.logging.Logger.getLogger(Logging.class);

    private Logging() {}

    /**
     * Takes over level, format and file. A file is opened again, so that one which was renamed
     * aside is let go; when that fails the log goes on where it went.
     */
    public static void apply(LogConfig log) {
        Logger.getLogger("io.pgnode").setLevel(level(log.level()));
        try {
            LogOutput.use(log.format() == LogConfig.Format.JSON, log.file().orElse(null));
        } catch (IOException e) {
            LOG.errorf(
                    "cannot open log.file %s: %s; the log goes on where it went; HINT: let this"
                            + " user write there, then reload",
                    log.file().map(Object::toString).orElse(""), reason(e));
        }
    }

    /** The exception's text is the file's name alone where the class says what is wrong. */
    private static String reason(IOException e) {
        if (e instanceof FileSystemException problem && problem.getReason() == null) {
            return problem.getClass().getSimpleName().replace("Exception", "");
        }
        return String.valueOf(e.getMessage());
    }

    private static Level level(LogConfig.Level level) {
        return switch (level) {
            case ERROR -> Level.SEVERE;
            case WARN -> Level.WARNING;
            case INFO -> Level.INFO;
            case DEBUG -> Level.FINE;
            case TRACE -> Level.FINER;
        };
    }
}
