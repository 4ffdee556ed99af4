package io.pgnode.config;

import java.util.Map;

/** The first start: initdb's options, and the dynamic configuration that it writes. */
final class BootstrapCheck {
    private static final Map<String, String> OURS =
            Map.of(
                    "pgdata", "use postgresql.data-dir",
                    "waldir", "use postgresql.wal-dir",
                    "username", "use postgresql.superuser.username",
                    "pwfile", "use postgresql.superuser.password-file",
                    "pwprompt", "use postgresql.superuser.password-file",
                    "sync-only", "remove it",
                    "help", "remove it",
                    "version", "remove it");

    private BootstrapCheck() {}

    static void run(PgnodeConfig config, Findings findings) {
        for (CommandOption option : config.bootstrap().initdb()) {
            String ours = OURS.get(option.name());
            if (ours != null) {
                findings.add(
                        "bootstrap.initdb",
                        "bootstrap.initdb has " + option.name() + ", which pgnode sets",
                        ours);
            }
        }
        config.bootstrap()
                .postBootstrap()
                .ifPresent(
                        command ->
                                FileCheck.program("bootstrap.post-bootstrap", command, findings));
        PostgresqlCheck.dynamicParameters(config.bootstrap().dcs().object(), findings);
        if (!findings.isBroken("ha.ttl")
                && !findings.isBroken("ha.loop-wait")
                && !findings.isBroken("ha.retry-timeout")) {
            for (Problem problem : DynamicConfigCheck.check(InitialDynamicConfig.tree(config))) {
                findings.add(
                        "bootstrap.dcs", "bootstrap.dcs: " + problem.message(), problem.hint());
            }
        }
    }
}
