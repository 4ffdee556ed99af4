package io.pgnode.gateway.pooler;

/** When a client gives its server back. */
public enum PoolMode {
    /** When it leaves. */
    SESSION,
    /** After each transaction. */
    TRANSACTION,
    /** After each statement; transaction blocks are refused. */
    STATEMENT;

    /**
     * @param word as in pgbouncer.ini
     */
    static PoolMode of(String word) {
        return switch (word) {
            case "transaction" -> TRANSACTION;
            case "statement" -> STATEMENT;
            default -> SESSION;
        };
    }
}
