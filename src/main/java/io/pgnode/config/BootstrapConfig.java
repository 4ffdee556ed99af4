package io.pgnode.config;

import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/** The first start of a cluster; without effect afterwards. */
public interface BootstrapConfig {
    /** Options of initdb, without the dashes. */
    @WithDefault("data-checksums,encoding=UTF8")
    List<CommandOption> initdb();

    /** Merged into the first dynamic configuration; Patroni's spelling. */
    @WithDefault("{}")
    JsonTree dcs();

    /** Command run once on the new primary, with a connection URL as its last argument. */
    Optional<CommandLine> postBootstrap();
}
