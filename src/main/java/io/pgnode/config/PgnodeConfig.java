package io.pgnode.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The whole configuration of a node, as {@link ConfigLoader} built it from the file and the
 * environment.
 *
 * <p>Immutable. Keys without a default are optional here; {@link Identity} and {@link Timings} give
 * the derived values that every checked configuration has. The annotation's prefix serves only to
 * let Quarkus generate the implementation at build time; the file has no prefix.
 */
@ConfigMapping(prefix = "pgnode-file")
public interface PgnodeConfig {
    /** Name of the cluster (Patroni's scope), of [a-zA-Z0-9-]; required. */
    Optional<String> cluster();

    /** Number of this instance in its cluster, zero or more; required unless {@code name} is. */
    OptionalInt seq();

    /** Name of this member; {@code <cluster>-<seq>} when absent. */
    Optional<String> name();

    /** The wish for the first start; a tag afterwards. */
    @WithDefault("primary")
    NodeRole role();

    /** Host name or address under which the other nodes reach this one; required. */
    Optional<String> address();

    /** Start of all DCS keys, with slashes at both ends. */
    @WithDefault("/service/")
    String namespace();

    /** Directory of our unix sockets and state that need not survive a boot. */
    @WithDefault("/run/pgnode")
    Path runDir();

    DcsConfig dcs();

    HaConfig ha();

    PostgresqlConfig postgresql();

    @FirstStart
    BootstrapConfig bootstrap();

    RestConfig rest();

    /**
     * By name; {@code primary}, {@code replica}, {@code default} and {@code offline} are built in.
     */
    @Reloadable
    Map<String, ServiceConfig> services();

    GatewayConfig gateway();

    PoolerConfig pooler();

    BackupConfig backup();

    LogConfig log();
}
