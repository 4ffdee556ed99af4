package io.pgnode.config;

/** All rules between keys. A rule says nothing of a key that is known to be wrong already. */
final class ConfigChecks {
    private ConfigChecks() {}

    static void run(PgnodeConfig config, Findings findings) {
        IdentityCheck.run(config, findings);
        DcsCheck.run(config.dcs(), findings);
        HaCheck.run(config, findings);
        PostgresqlCheck.run(
                config.postgresql(), !config.backup().repositories().isEmpty(), findings);
        BootstrapCheck.run(config, findings);
        RestCheck.run(config.rest(), findings);
        ServicesCheck.run(config, findings);
        PoolerCheck.run(config.pooler(), findings);
        BackupCheck.run(config, findings);
        LogCheck.run(config.log(), findings);
        PortCheck.run(config, findings);
    }
}
