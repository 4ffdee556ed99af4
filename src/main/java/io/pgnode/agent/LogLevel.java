package io.pgnode.agent;

import io.pgnode.config.LogConfig;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Sets how much this process logs. */
final class LogLevel {
    private LogLevel() {}

    static void apply(LogConfig.Level level) {
        Logger.getLogger("io.pgnode")
                .setLevel(
                        switch (level) {
                            case ERROR -> Level.SEVERE;
                            case WARN -> Level.WARNING;
                            case INFO -> Level.INFO;
                            case DEBUG -> Level.FINE;
                            case TRACE -> Level.FINER;
                        });
    }
}
