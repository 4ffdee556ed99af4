package io.pgnode.gateway.pooler;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The statements that a server has, the one used last at the end. Confined to its loop. */
final class ServerStatements {
    private final Map<Long, Statement> statements = new LinkedHashMap<>(16, 0.75f, true);

    /** Whether it has the statement, which counts as used. */
    boolean has(Statement statement) {
        return statements.get(statement.id()) != null;
    }

    @Nullable Statement find(long id) {
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
    }

    /** A Parse failed. */
    void remove(long id) {
        statements.remove(id);
    }

    /** Takes out the one used longest ago when there are more than {@code max}. */
    @Nullable Statement evict(int max) {
        if (statements.size() <= max) {
            return null;
        }
        Statement oldest = statements.values().iterator().next();
        statements.remove(oldest.id());
        return oldest;
    }

    void clear() {
        statements.clear();
    }

    int size() {
        return statements.size();
    }
}
