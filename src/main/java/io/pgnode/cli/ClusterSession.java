package io.pgnode.cli;

import io.pgnode.backup.schedule.ScheduleStore;
import io.pgnode.cluster.ClusterView;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.dcs.Dcs;
import io.pgnode.dcs.DcsException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A command's connections to one cluster: its keys in the DCS, and the REST API of its members. */
final class ClusterSession implements AutoCloseable {
    /** Added to the store's own timeout: it ends every call by itself. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final String scope;
    private final Dcs dcs;
    private final ClusterStore store;
    private final ScheduleStore backups;
    private final Duration timeout;
    private final Supplier<MemberApi> connect;
    private @Nullable MemberApi api;

    /**
     * @param connect opens the REST client when it is first needed
     */
    ClusterSession(
            String scope,
            Dcs dcs,
            String namespace,
            Duration timeout,
            Supplier<MemberApi> connect) {
        this.scope = scope;
        this.dcs = dcs;
        this.store = new ClusterStore(dcs, namespace, scope, timeout);
        this.backups = new ScheduleStore(dcs, namespace, scope, timeout);
        this.timeout = timeout;
        this.connect = connect;
    }

    /** Name of the cluster. */
    String scope() {
        return scope;
    }

    ClusterStore store() {
        return store;
    }

    /** The keys of its backups. */
    ScheduleStore backups() {
        return backups;
    }

    MemberApi api() {
        MemberApi known = api;
        if (known == null) {
            known = connect.get();
            api = known;
        }
        return known;
    }

    /**
     * The cluster as it is now.
     *
     * @throws CliException when there is no such cluster
     */
    ClusterView read() {
        ClusterView view = get(store.read());
        if (view.members().isEmpty() && view.initialize() == null && view.config() == null) {
            throw new CliException(
                    ExitCode.UNAVAILABLE,
                    "cluster \"" + scope + "\" has no keys in the DCS",
                    "check the name and the namespace, or start its first node with pgnode run");
        }
        return view;
    }

    /** Waits for the store. */
    <T extends @Nullable Object> T get(CompletableFuture<T> future) {
        try {
            return future.get(timeout.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failure(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new DcsException(
                    DcsException.Kind.UNKNOWN, "no answer within " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException(ExitCode.INTERRUPTED, "interrupted", "", e);
        }
    }

    private static RuntimeException failure(Throwable cause) {
        return switch (cause) {
            case CompletionException e when e.getCause() != null -> failure(e.getCause());
            case RuntimeException e -> e;
            default -> new IllegalStateException(cause);
        };
    }

    @Override
    public void close() {
        try {
            if (api != null) {
                api.close();
            }
        } finally {
            dcs.close();
        }
    }
}
