package io.pgnode.agent;

import io.pgnode.agent.rest.Cidr;
import io.pgnode.agent.rest.Credentials;
import io.pgnode.agent.rest.RestClientSettings;
import io.pgnode.agent.rest.RestSettings;
import io.pgnode.cluster.Tags;
import io.pgnode.config.BootstrapConfig;
import io.pgnode.config.CommandLine;
import io.pgnode.config.CommandOption;
import io.pgnode.config.HaConfig;
import io.pgnode.config.Identity;
import io.pgnode.config.InitialDynamicConfig;
import io.pgnode.config.MemberTags;
import io.pgnode.config.Passworded;
import io.pgnode.config.Passwords;
import io.pgnode.config.PgnodeConfig;
import io.pgnode.config.PostgresqlConfig;
import io.pgnode.config.RestConfig;
import io.pgnode.config.Secret;
import io.pgnode.postgres.PostgresBinaries;
import io.pgnode.postgres.PostgresException;
import io.pgnode.postgres.PostgresSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Translates the configuration into the settings of the parts. Blocking: reads password files. */
final class AgentAssembly {
    /** The slot of a member that left is kept so long, as Patroni does. */
    private static final Duration SLOT_RETENTION = Duration.ofMinutes(30);

    private AgentAssembly() {}

    static AgentSettings agent(PgnodeConfig config) {
        Identity identity = Identity.of(config);
        boolean tls = config.rest().tls().certFile().isPresent();
        return new AgentSettings(
                identity.cluster(),
                identity.name(),
                new Tags(MemberTags.of(config)),
                identity.postgresql(),
                identity.restUrl(tls) + "/patroni",
                "postgres://" + identity.postgresql() + "/postgres",
                InitialDynamicConfig.json(config),
                config.role().mayCreateCluster(),
                config.postgresql().stopTimeout(),
                config.ha().drainTimeout(),
                config.ha().holdTimeout(),
                SLOT_RETENTION);
    }

    static PostgresSettings postgres(PgnodeConfig config, BackupCommands backup)
            throws IOException, PostgresException {
        Identity identity = Identity.of(config);
        PostgresqlConfig postgresql = config.postgresql();
        Path binDir =
                postgresql.binDir().isPresent()
                        ? postgresql.binDir().get()
                        : PostgresBinaries.find(
                                System.getenv().getOrDefault("PATH", ""), postgresql.dataDir());
        Map<String, String> connection = new TreeMap<>();
        connection.put(
                "sslmode",
                postgresql
                        .replication()
                        .sslmode()
                        .name()
                        .toLowerCase(java.util.Locale.ROOT)
                        .replace('_', '-'));
        postgresql
                .replication()
                .sslrootcert()
                .ifPresent(file -> connection.put("sslrootcert", file.toString()));
        return new PostgresSettings(
                binDir,
                postgresql.dataDir(),
                postgresql.walDir().orElse(null),
                config.runDir(),
                postgresql
                        .logFile()
                        .orElse(
                                postgresql
                                        .dataDir()
                                        .resolveSibling(
                                                postgresql.dataDir().getFileName() + ".log")),
                postgresql.listen(),
                postgresql.port(),
                postgresql.socketDir(),
                identity.postgresql(),
                identity.cluster(),
                identity.name().value(),
                System.getProperty("user.name", "postgres"),
                credentials(postgresql.superuser().username(), postgresql.superuser()),
                credentials(postgresql.replication().username(), postgresql.replication()),
                credentials(
                        postgresql.rewind().username().orElse(postgresql.superuser().username()),
                        postgresql.rewind().username().isPresent()
                                ? postgresql.rewind()
                                : postgresql.superuser()),
                connection,
                postgresql.parameters(),
                postgresql.pgHba().orElse(List.of()),
                postgresql.pgIdent().orElse(List.of()),
                postgresql.customConf().orElse(null),
                postgresql.restoreCommand().orElse(backup.restoreCommand()),
                arguments(config.bootstrap().initdb()),
                arguments(postgresql.basebackup()),
                bootstrapMethod(config.bootstrap(), backup.sourceProgram()),
                replicaMethods(postgresql, !backup.restoreProgram().isEmpty()),
                backup.restoreProgram(),
                backup.archiveCommand(),
                postgresql.keepRenamedDirectories().orElse(-1),
                PostgresSettings.Timeouts.DEFAULT);
    }

    private static io.pgnode.postgres.Credentials credentials(String user, Passworded section)
            throws IOException {
        return new io.pgnode.postgres.Credentials(
                user, Passwords.read(section).map(Secret::reveal).orElse(""));
    }

    private static List<String> arguments(List<CommandOption> options) {
        return options.stream().map(CommandOption::argument).toList();
    }

    private static PostgresSettings.@Nullable BootstrapMethod bootstrapMethod(
            BootstrapConfig bootstrap, List<String> sourceProgram) {
        BootstrapConfig.Method method = bootstrap.methods().get(bootstrap.method());
        if (method == null && bootstrap.method().equals("repository") && !sourceProgram.isEmpty()) {
            return new PostgresSettings.BootstrapMethod(
                    bootstrap.method(),
                    restoreOfSource(bootstrap.source(), sourceProgram),
                    true,
                    true,
                    Map.of(),
                    bootstrap.recoveryTimeout());
        }
        return method == null
                ? null
                : new PostgresSettings.BootstrapMethod(
                        bootstrap.method(),
                        words(method.command()),
                        method.noParams(),
                        method.keepExistingRecoveryConf(),
                        method.recoveryConf().texts(),
                        bootstrap.recoveryTimeout());
    }

    private static List<String> restoreOfSource(
            BootstrapConfig.SourceConfig source, List<String> program) {
        List<String> words = new ArrayList<>(program);
        words.add("--type=" + source.targetType().name().toLowerCase(java.util.Locale.ROOT));
        words.add("--target-action=promote");
        words.add("--target-timeline=" + source.targetTimeline());
        source.target().ifPresent(target -> words.add("--target=" + target));
        source.set().ifPresent(label -> words.add("--set=" + label));
        if (source.targetExclusive()) {
            words.add("--target-exclusive");
        }
        return words;
    }

    private static List<PostgresSettings.ReplicaMethod> replicaMethods(
            PostgresqlConfig postgresql, boolean hasRepository) {
        if (postgresql.createReplicaMethods().isEmpty()) {
            return hasRepository
                    ? List.of(
                            PostgresSettings.ReplicaMethod.REPOSITORY_IF_FASTER,
                            PostgresSettings.ReplicaMethod.BASEBACKUP)
                    : List.of(PostgresSettings.ReplicaMethod.BASEBACKUP);
        }
        List<PostgresSettings.ReplicaMethod> methods = new ArrayList<>();
        for (String name : postgresql.createReplicaMethods().get()) {
            PostgresqlConfig.ReplicaMethod method = postgresql.replicaMethods().get(name);
            methods.add(
                    method == null || method.command().isEmpty()
                            ? builtIn(name)
                            : new PostgresSettings.ReplicaMethod(
                                    name,
                                    method.command().get().words(),
                                    method.keepData(),
                                    method.noParams(),
                                    method.noLeader()));
        }
        return methods;
    }

    private static PostgresSettings.ReplicaMethod builtIn(String name) {
        return name.equals("repository")
                ? PostgresSettings.ReplicaMethod.REPOSITORY
                : PostgresSettings.ReplicaMethod.BASEBACKUP;
    }

    static RestSettings rest(PgnodeConfig config) throws IOException {
        RestConfig rest = config.rest();
        RestConfig.ServerTls tls = rest.tls();
        RestSettings.@Nullable Tls server =
                tls.certFile().isEmpty()
                        ? null
                        : new RestSettings.Tls(
                                tls.certFile().get().toString(),
                                tls.keyFile().orElse(tls.certFile().get()).toString(),
                                tls.caFile().map(Path::toString).orElse(""),
                                RestSettings.VerifyClient.valueOf(tls.verifyClient().name()));
        return new RestSettings(
                rest.listen(),
                rest.port(),
                restCredentials(rest),
                server,
                rest.allowlist().orElse(List.of()).stream().map(Cidr::parse).toList(),
                rest.allowlistIncludeMembers(),
                RestSettings.ServerTokens.VERSION,
                Map.of());
    }

    static RestClientSettings restClient(PgnodeConfig config) throws IOException {
        RestConfig.ServerTls tls = config.rest().tls();
        boolean both = tls.certFile().isPresent() && tls.keyFile().isPresent();
        return new RestClientSettings(
                restCredentials(config.rest()),
                tls.caFile().map(Path::toString).orElse(""),
                both ? tls.certFile().get().toString() : "",
                both ? tls.keyFile().get().toString() : "",
                false);
    }

    private static @Nullable Credentials restCredentials(RestConfig rest) throws IOException {
        Optional<Secret> password = Passwords.read(rest);
        return rest.username().isPresent() && password.isPresent()
                ? new Credentials(rest.username().get(), password.get().reveal())
                : null;
    }

    static ScriptCallbacks.Scripts scripts(PgnodeConfig config) {
        HaConfig.Callbacks scripts = config.ha().callbacks();
        Map<Callbacks.Event, List<String>> commands = new EnumMap<>(Callbacks.Event.class);
        commands.put(Callbacks.Event.ON_START, words(scripts.onStart()));
        commands.put(Callbacks.Event.ON_STOP, words(scripts.onStop()));
        commands.put(Callbacks.Event.ON_RESTART, words(scripts.onRestart()));
        commands.put(Callbacks.Event.ON_RELOAD, words(scripts.onReload()));
        commands.put(Callbacks.Event.ON_ROLE_CHANGE, words(scripts.onRoleChange()));
        return new ScriptCallbacks.Scripts(
                commands, words(scripts.prePromote()), words(scripts.beforeStop()));
    }

    private static List<String> words(Optional<CommandLine> command) {
        return command.map(CommandLine::words).orElse(List.of());
    }
}
