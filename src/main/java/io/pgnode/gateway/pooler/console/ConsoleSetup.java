package io.pgnode.gateway.pooler.console;

import java.util.List;

/**
 * What the console needs of whoever owns the configuration. Thread-safe. {@link #reload} and {@link
 * #set} may block, and are called on a thread of their own.
 */
public interface ConsoleSetup {
    /** In the order of keys. */
    List<ConfigLine> config();

    /** Reads the files again; what is wrong with them, in which case nothing has changed. */
    List<String> reload();

    /** Changes a setting until the next reload; why not, or empty. */
    List<String> set(String key, String value);

    /** Length of the period that averages are taken over, milliseconds. */
    long statsPeriodMillis();

    /** Whether each period's averages are logged. */
    boolean areStatisticsLogged();

    /** The pooler was told to end, and is ready to. */
    void exit();
}
