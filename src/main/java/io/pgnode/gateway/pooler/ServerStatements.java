package io.pgnode.gateway.pooler;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The statements that a server has, the one used last at the end. Confined to its loop. */
final class ServerStatements {
    private final Map<Long, Statement> statements = new LinkedHashMap<>(16, 0.75f, true);

    /** The one used last; null when that is not known. */
    private @Nullable Statement last;

    private boolean mayHaveOthers;

    /** It skipped a Close: from now on it may have statements that are not listed here. */
    void keepsClosed() {
        mayHaveOthers = true;
    }

    /** Whether a statement that is not listed must be closed before it is prepared. */
    boolean mayHaveOthers() {
        return mayHaveOthers;
    }

    /** Whether it has the statement, which counts as used. */
    boolean has(Statement statement) {
        if (statement.equals(last)) {
            return true;
        }
        if (statements.get(statement.id()) == null) {
            return false;
        }
        last = statement;
        return true;
    }

    @Nullable Statement find(long id) {
        last = null;
        return statements.get(id);
    }

    /** By its name on servers. */
    @Nullable Statement find(String name) {
        for (Statement statement : statements.values()) {
            if (statement.text().equals(name)) {
                return statement;
            }
        }
        return null;
    }

    void add(Statement statement) {
        statements.put(statement.id(), statement);
        last = statement;
    }

    /** A Parse failed. */
    void remove(long id) {
        last = null;
        statements.remove(id);
    }

    /** Takes out the one used longest ago when there are more than {@code max}. */
    @Nullable Statement evict(int max) {
        if (statements.size() <= max) {
            return null;
        }
        Statement oldest = statements.values().iterator().next();
        remove(oldest.id());
        return oldest;
    }

    void clear() {
        last = null;
        statements.clear();
        mayHaveOthers = false;
    }

    int size() {
        return statements.size();
    }
}
