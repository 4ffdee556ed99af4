package io.pgnode.postgres;

import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.os.CommandResult;
import io.pgnode.postgres.PostgresSettings.ReplicaMethod;
import io.pgnode.postgres.core.BackupProgress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Fills the data directory with a copy of the cluster, by the configured methods in turn. It is
 * empty, or given up: then a method may use what is in it.
 */
final class Cloner {
    private static final Logger LOG = Logger.getLogger(Cloner.class);
    private static final int BASEBACKUP_TRIES = 2;

    private final Supplier<PostgresSettings> settings;
    private final DataDirectory data;
    private final ConnStrings connStrings;
    private final ToolRunner tools;
    private final RepositoryCopy repository;

    Cloner(
            Supplier<PostgresSettings> settings,
            DataDirectory data,
            ConnStrings connStrings,
            ToolRunner tools) {
        this.settings = settings;
        this.data = data;
        this.connStrings = connStrings;
        this.tools = tools;
        this.repository = new RepositoryCopy(settings, data, tools);
    }

    /**
     * @param upstream where to copy from; null when only methods that need no leader may run
     * @param stamp of the names of what was there, and of what failed methods leave, which are
     *     renamed aside
     */
    void cloneFrom(@Nullable Upstream upstream, String stamp, Consumer<BackupProgress> progress)
            throws PostgresException {
        List<String> failures = new ArrayList<>();
        for (ReplicaMethod method : settings.get().createReplicaMethods()) {
            if (upstream == null && !method.noLeader()) {
                continue;
            }
            refuseToOverwrite();
            RepositoryCopy.Plan restore = null;
            if (method.isRepository()) {
                restore = planRestore(method, upstream);
                if (!restore.refusal().isEmpty()) {
                    LOG.infof("no replica from the repository: %s", restore.refusal());
                    failures.add(method.name() + ": " + restore.refusal());
                    continue; // nothing has been touched
                }
            }
            boolean reuses = restore == null ? method.keepData() : restore.reuses();
            if (!reuses && !data.isEmpty()) {
                Path aside = data.moveAside("replaced-" + stamp);
                LOG.warnf("what was in the data directory is now in %s", aside);
            }
            data.markUnfinished("creating a replica by " + method.name());
            String failure =
                    restore == null ? run(method, upstream, progress) : repository.run(restore);
            if (failure.isEmpty()) {
                data.setStandbySignal(true);
                data.markFinished();
                return;
            }
            LOG.warnf("replica creation failed method=%s error=%s", method.name(), failure);
            failures.add(method.name() + ": " + failure);
            clean("failed-" + stamp + "-" + failures.size());
        }
        throw new PostgresException(
                failures.isEmpty()
                        ? "no replica creation method works without a leader"
                        : "cannot create a replica: " + String.join("; ", failures));
    }

    private void refuseToOverwrite() throws PostgresException {
        if (!data.isEmpty() && data.state() != DataState.UNFINISHED) {
            throw new PostgresException(
                    "the data directory " + data.path() + " is not empty",
                    "a clone never overwrites data; it is renamed aside first");
        }
    }

    private RepositoryCopy.Plan planRestore(ReplicaMethod method, @Nullable Upstream upstream)
            throws PostgresException {
        return upstream == null
                ? RepositoryCopy.Plan.refused("there is no leader to compare histories with")
                : repository.plan(
                        upstream, method.kind() == ReplicaMethod.Kind.REPOSITORY_IF_FASTER);
    }

    private void clean(String suffix) throws PostgresException {
        if (data.isEmpty()) {
            data.markFinished();
        } else {
            data.moveAside(suffix);
        }
    }

    /** Empty when it worked, else why not. */
    private String run(
            ReplicaMethod method, @Nullable Upstream upstream, Consumer<BackupProgress> progress)
            throws PostgresException {
        if (method.kind() == ReplicaMethod.Kind.COMMAND) {
            return runCustom(method, upstream);
        }
        if (upstream == null) {
            return "basebackup needs a leader";
        }
        String failure = "";
        for (int attempt = 1; attempt <= BASEBACKUP_TRIES && data.isEmpty(); attempt++) {
            failure = runBasebackup(upstream, progress);
            if (failure.isEmpty()) {
                return "";
            }
        }
        return failure;
    }

    private String runBasebackup(Upstream upstream, Consumer<BackupProgress> progress)
            throws PostgresException {
        CommandResult result =
                tools.run(
                        "pg_basebackup",
                        basebackupArguments(upstream),
                        settings.get().timeouts().copy(),
                        line -> BackupProgress.parse(line).ifPresent(progress));
        return result.isSuccess() ? "" : result.explain();
    }

    List<String> basebackupArguments(Upstream upstream) {
        List<String> arguments = new ArrayList<>();
        arguments.add("--pgdata=" + data.path());
        arguments.add("--wal-method=stream");
        arguments.add("--checkpoint=fast");
        arguments.add("--progress");
        arguments.add("--no-password");
        Path walDir = settings.get().walDir();
        if (walDir != null) {
            arguments.add("--waldir=" + walDir);
        }
        arguments.addAll(settings.get().basebackupOptions());
        arguments.add("--dbname=" + connStrings.replication(upstream));
        return arguments;
    }

    private String runCustom(ReplicaMethod method, @Nullable Upstream upstream)
            throws PostgresException {
        List<String> words = new ArrayList<>(method.command());
        if (!method.noParams()) {
            words.add("--scope=" + settings.get().clusterName());
            words.add("--datadir=" + data.path());
            words.add("--role=replica");
            if (upstream != null) {
                words.add("--connstring=" + connStrings.primaryConnInfo(upstream));
            }
        }
        CommandResult result = tools.runCommand(words, settings.get().timeouts().copy(), _ -> {});
        if (!result.isSuccess()) {
            return result.explain();
        }
        return data.control().isPresent() ? "" : "it left no usable data directory";
    }
}
