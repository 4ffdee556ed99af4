package io.pgnode.config;

/** What it takes until a new value of a key counts. */
public enum Effect {
    /** A reload. */
    RELOAD("reload"),
    /** A restart of the process; PostgreSQL keeps running. */
    RESTART("restart"),
    /** Nothing: it counted when the cluster was created; now the DCS rules. */
    FIRST_START("first start");

    private final String text;

    Effect(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }
}
