package io.pgnode.os;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.jboss.logmanager.handlers.ConsoleHandler;
import org.jspecify.annotations.Nullable;

/**
 * Where the log of this process goes: to standard error as the framework set it up, or as JSON, or
 * to a file. Any thread.
 */
public final class LogOutput {
    /** As on standard error, which application.properties says. */
    private static final String PATTERN = "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5p [%c{1}] %s%e%n";

    private static final ReentrantLock LOCK = new ReentrantLock();

    /** What the framework installed; taken out while a handler of ours is in. */
    private static List<Handler> original = List.of();

    private static @Nullable Handler ours;

    private LogOutput() {}

    /**
     * Sends the log there from now on. A file is opened anew each time, so that one that was
     * renamed aside is let go. When it fails, the log goes on where it went.
     *
     * @param json one object a line instead of text
     * @param file created with mode 0640 when missing; null for standard error
     * @throws IOException when the file cannot be opened
     */
    public static void use(boolean json, @Nullable Path file) throws IOException {
        LOCK.lock();
        try {
            Formatter formatter = json ? new JsonLogFormatter() : new PatternFormatter(PATTERN);
            if (file != null) {
                swap(new LogFile(file, formatter));
            } else if (json) {
                swap(new ConsoleHandler(ConsoleHandler.Target.SYSTEM_ERR, formatter));
            } else {
                swap(null);
            }
        } finally {
            LOCK.unlock();
        }
    }

    private static void swap(@Nullable Handler next) {
        Logger root = Logger.getLogger("");
        Handler before = ours;
        if (before == null && next != null) {
            original = List.of(root.getHandlers());
        }
        // The new one first: a line may come twice, but none is lost.
        if (next != null) {
            root.addHandler(next);
        } else if (before != null) {
            original.forEach(root::addHandler);
        }
        if (before != null) {
            root.removeHandler(before);
            if (before instanceof LogFile file) {
                file.close();
            }
        } else if (next != null) {
            original.forEach(root::removeHandler);
        }
        ours = next;
    }
}
