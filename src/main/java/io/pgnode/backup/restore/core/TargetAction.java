package io.pgnode.backup.restore.core;

import java.util.Locale;

/** What the server does when it has reached its target. */
public enum TargetAction {
    /** Waits, readable, until somebody says to go on. */
    PAUSE,
    PROMOTE,
    SHUTDOWN;

    /** As PostgreSQL and pgBackRest call it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws IllegalArgumentException when there is no such action
     */
    public static TargetAction parse(String text) {
        for (TargetAction action : values()) {
            if (action.text().equals(text)) {
                return action;
            }
        }
        throw new IllegalArgumentException(
                "target action must be pause, promote or shutdown, was \"" + text + "\"");
    }
}
