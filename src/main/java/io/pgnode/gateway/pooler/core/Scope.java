package io.pgnode.gateway.pooler.core;

/**
 * A limit on servers that several pools share: of the node, of a database, of a user. Confined to
 * its {@link Pools}.
 */
public final class Scope {
    private final String name;
    private int limit;
    private int used;

    /**
     * @param limit zero for none
     */
    public Scope(String name, int limit) {
        this.name = name;
        this.limit = limit;
    }

    public String name() {
        return name;
    }

    public int limit() {
        return limit;
    }

    public int used() {
        return used;
    }

    /** Servers beyond a lowered limit are not closed, but none is opened until there is room. */
    public void limit(int newLimit) {
        limit = newLimit;
    }

    boolean isFull() {
        return limit > 0 && used >= limit;
    }

    void take() {
        used++;
    }

    void giveBack() {
        used--;
    }
}
