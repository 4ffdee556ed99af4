package io.pgnode.cli;

import io.pgnode.config.DcsConfig;
import io.pgnode.config.DcsType;
import io.pgnode.config.Passwords;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.Secret;
import io.pgnode.dcs.Dcs;
import io.pgnode.dcs.etcd.EtcdDcs;
import io.pgnode.dcs.etcd.EtcdSettings;
import io.pgnode.model.HostPort;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens the DCS that a configuration names. The embedded one is reached like any etcd. */
final class DcsClients {
    private DcsClients() {}

    static Dcs open(PgnodeConfig config) throws IOException {
        DcsConfig dcs = config.dcs();
        List<HostPort> endpoints =
                dcs.type() == DcsType.EMBEDDED ? List.of(dcs.listen()) : dcs.endpoints();
        EtcdSettings.@Nullable Tls tls =
                dcs.tls().enabled()
                        ? new EtcdSettings.Tls(
                                dcs.tls().caFile().orElse(null),
                                dcs.tls().certFile().orElse(null),
                                dcs.tls().keyFile().orElse(null))
                        : null;
        return new EtcdDcs(
                new EtcdSettings(
                        endpoints,
                        dcs.username().orElse(null),
                        Passwords.read(dcs).map(Secret::reveal).orElse(null),
                        tls));
    }
}
