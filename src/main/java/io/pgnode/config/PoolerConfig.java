package io.pgnode.config;

import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The pooler of this node: its own port, and the engine of the services in mode pooled. */
public interface PoolerConfig {
    /** Whether there is one; {@code false} leaves services in mode pooled closed, too. */
    @WithDefault("true")
    boolean enabled();

    /** Addresses separated by commas; {@code *} for all. */
    @Reloadable
    @WithDefault("*")
    String listen();

    /** Clients of this port get the PostgreSQL of this node. */
    @Reloadable
    @WithDefault("6432")
    int port();

    /** Keys of PgBouncer's section [pgbouncer]; they are checked by those who use them. */
    @Reloadable
    Map<String, String> settings();

    /** Keys of PgBouncer's section [databases], by name of the database. */
    @Reloadable
    Map<String, Map<String, String>> databases();

    /** Keys of PgBouncer's section [users], by name of the user. */
    @Reloadable
    Map<String, Map<String, String>> users();

    /** Lines of pg_hba.conf that rule who may log in; some of our own when absent. */
    @Reloadable
    Optional<List<String>> hba();

    /** A file of such lines, in place of {@code hba}. */
    @Reloadable
    Optional<Path> hbaFile();
}
