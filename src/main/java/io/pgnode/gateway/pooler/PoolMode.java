package io.pgnode.gateway.pooler;

/** When a client gives its server back. */
public enum PoolMode {
    /** When it leaves. */
    SESSION,
    /** After each transaction. */
    TRANSACTION,
    /** After each statement; transaction blocks are refused. */
    STATEMENT
}
