package io.pgnode.sim;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;

/** What the shell logs goes into the trace of its world instead of the console. */
final class SimLog extends Handler implements AutoCloseable {
    private static final Logger ROOT = Logger.getLogger("io.pgnode");

    private final PatternFormatter text = new PatternFormatter("%s");

    private SimLog() {}

    static SimLog install() {
        SimLog log = new SimLog();
        ROOT.setUseParentHandlers(false);
        ROOT.addHandler(log);
        return log;
    }

    @Override
    public void publish(LogRecord logged) {
        World world = World.current();
        if (world == null || logged.getLevel().intValue() < Level.INFO.intValue()) {
            return;
        }
        String message = text.format(logged);
        world.trace(message);
        if (message.equals("this cycle failed")) {
            Throwable thrown = logged.getThrown();
            StringBuilder where = new StringBuilder(String.valueOf(thrown));
            if (thrown != null) {
                for (int i = 0; i < Math.min(6, thrown.getStackTrace().length); i++) {
                    where.append("\n    at ").append(thrown.getStackTrace()[i]);
                }
            }
            world.violated("a cycle failed: " + where);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        ROOT.removeHandler(this);
        ROOT.setUseParentHandlers(true);
    }
}
