package io.pgnode.config;

import java.util.Map;
import java.util.Set;

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

    /** What a recovery may be told; the rest is decided here. */
    private static final Set<String> RECOVERY =
            Set.of(
                    "restore_command",
                    "archive_cleanup_command",
                    "recovery_end_command",
                    "recovery_target",
                    "recovery_target_inclusive",
                    "recovery_target_lsn",
                    "recovery_target_name",
                    "recovery_target_time",
                    "recovery_target_timeline",
                    "recovery_target_xid",
                    "recovery_target_action");

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
        method(config.bootstrap(), findings);
        SourceCheck.run(config, findings);
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

    private static void method(BootstrapConfig bootstrap, Findings findings) {
        String method = bootstrap.method();
        if (!method.equals("initdb")
                && !method.equals(SourceCheck.METHOD)
                && !bootstrap.methods().containsKey(method)) {
            findings.add(
                    "bootstrap.method",
                    "bootstrap.method is " + method + ", which is not known",
                    "describe it under bootstrap.methods." + Names.quoted(method));
        }
        if (!bootstrap.recoveryTimeout().isPositive()) {
            findings.add(
                    "bootstrap.recovery-timeout", "bootstrap.recovery-timeout is not positive", "");
        }
        bootstrap
                .methods()
                .forEach(
                        (name, one) -> {
                            String key = "bootstrap.methods." + Names.quoted(name);
                            if (one.command().isEmpty()) {
                                findings.add(key + ".command", key + ".command is missing", "");
                            } else {
                                FileCheck.program(key + ".command", one.command().get(), findings);
                            }
                            recoveryConf(key + ".recovery-conf", one, findings);
                        });
    }

    private static void recoveryConf(String key, BootstrapConfig.Method method, Findings findings) {
        Map<String, String> settings = method.recoveryConf().texts();
        if (method.keepExistingRecoveryConf() && !settings.isEmpty()) {
            findings.add(
                    key,
                    key + " has no effect with keep-existing-recovery-conf",
                    "give one of them");
        }
        settings.forEach(
                (name, value) -> {
                    if (!RECOVERY.contains(name)) {
                        findings.add(
                                key, key + " has " + name + ", which is no recovery setting", "");
                    } else if (name.equals("recovery_target_action") && !value.equals("promote")) {
                        findings.add(
                                key,
                                key
                                        + ".recovery_target_action is "
                                        + value
                                        + ", must be promote: the new cluster needs a primary",
                                "");
                    }
                });
    }
}
