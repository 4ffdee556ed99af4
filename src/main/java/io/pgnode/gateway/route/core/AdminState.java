package io.pgnode.gateway.route.core;

import java.util.Locale;

/** What an operator wants of a server. */
public enum AdminState {
    READY,
    /** No new sessions; the present ones go on. */
    DRAIN,
    /** As if it were down. */
    MAINT;

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
