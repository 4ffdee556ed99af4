package io.pgnode.gateway.pooler.console;

import io.pgnode.wire.BackendMessages.Column;
import java.time.Duration;
import java.util.List;

/** One statement of the console. */
sealed interface Command {
    /** Columns of the rows that it returns; empty when it returns none. */
    default List<Column> columns() {
        return List.of();
    }

    /** Whether only admins may. */
    default boolean needsAdmin() {
        return true;
    }

    record Show(Topic topic) implements Command {
        @Override
        public List<Column> columns() {
            return topic.columns();
        }

        @Override
        public boolean needsAdmin() {
            return false;
        }
    }

    /** Why the clients of pools wait; database and user are empty for all. */
    record Explain(String database, String user) implements Command {
        @Override
        public List<Column> columns() {
            return Topic.EXPLAIN.columns();
        }

        @Override
        public boolean needsAdmin() {
            return false;
        }
    }

    /** A setting of PostgreSQL's that drivers ask for at their start. */
    record ShowSetting(String name, String value) implements Command {
        @Override
        public List<Column> columns() {
            return List.of(Column.text(name));
        }

        @Override
        public boolean needsAdmin() {
            return false;
        }
    }

    /** Answered, but without any effect: what drivers send of themselves. */
    record Ignored(String tag, boolean withNotice) implements Command {
        @Override
        public boolean needsAdmin() {
            return false;
        }
    }

    /** Nothing but blanks. */
    record Nothing() implements Command {
        @Override
        public boolean needsAdmin() {
            return false;
        }
    }

    /** What is done with databases. */
    enum Verb {
        PAUSE,
        RESUME,
        DISABLE,
        ENABLE,
        RECONNECT,
        KILL,
        WAIT_CLOSE
    }

    /**
     * @param database empty for all
     */
    record Act(Verb verb, String database) implements Command {}

    /**
     * @param scope {@code primary} or {@code local}
     */
    record HoldScope(String scope, Duration limit) implements Command {}

    record Release(String scope) implements Command {}

    record KillClient(long id) implements Command {}

    record Reload() implements Command {}

    record Set(String key, String value) implements Command {}

    record End(Shutdown how) implements Command {}
}
