package io.pgnode.sim;

import io.pgnode.agent.Postgres;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.model.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Passes everything on, for a planted fault to override a part. */
class PostgresWrapper implements Postgres {
    private final Postgres postgres;

    PostgresWrapper(Postgres postgres) {
        this.postgres = postgres;
    }

    @Override
    public InstanceView view() {
        return postgres.view();
    }

    @Override
    public CompletableFuture<InstanceView> refresh() {
        return postgres.refresh();
    }

    @Override
    public void onExit(Runnable listener) {
        postgres.onExit(listener);
    }

    @Override
    public CompletableFuture<@Nullable Void> fence(String why) {
        return postgres.fence(why);
    }

    @Override
    public CompletableFuture<String> initdb() {
        return postgres.initdb();
    }

    @Override
    public CompletableFuture<@Nullable Void> completeBootstrap() {
        return postgres.completeBootstrap();
    }

    @Override
    public CompletableFuture<@Nullable Void> startNew() {
        return postgres.startNew();
    }

    @Override
    public CompletableFuture<@Nullable Void> startPrimary() {
        return postgres.startPrimary();
    }

    @Override
    public CompletableFuture<@Nullable Void> startStandby(@Nullable Upstream upstream) {
        return postgres.startStandby(upstream);
    }

    @Override
    public CompletableFuture<@Nullable Void> promote(long epoch, int timeline) {
        return postgres.promote(epoch, timeline);
    }

    @Override
    public CompletableFuture<@Nullable Void> follow(@Nullable Upstream upstream) {
        return postgres.follow(upstream);
    }

    @Override
    public CompletableFuture<@Nullable Void> stop(Duration budget) {
        return postgres.stop(budget);
    }

    @Override
    public CompletableFuture<Lsn> stopForHandoff(Duration budget) {
        return postgres.stopForHandoff(budget);
    }

    @Override
    public CompletableFuture<@Nullable Void> checkpoint() {
        return postgres.checkpoint();
    }

    @Override
    public CompletableFuture<Divergence> divergence(Upstream upstream) {
        return postgres.divergence(upstream);
    }

    @Override
    public CompletableFuture<@Nullable Void> rewind(Upstream upstream) {
        return postgres.rewind(upstream);
    }

    @Override
    public CompletableFuture<@Nullable Void> cloneFrom(Upstream upstream) {
        return postgres.cloneFrom(upstream);
    }

    @Override
    public CompletableFuture<@Nullable Void> moveAside(String suffix) {
        return postgres.moveAside(suffix);
    }

    @Override
    public CompletableFuture<@Nullable Void> configure(DynamicConfig config) {
        return postgres.configure(config);
    }

    @Override
    public CompletableFuture<@Nullable Void> reload() {
        return postgres.reload();
    }

    @Override
    public CompletableFuture<@Nullable Void> changeSlots(Set<String> create, Set<String> drop) {
        return postgres.changeSlots(create, drop);
    }

    @Override
    public CompletableFuture<Lsn> setSynchronousStandbyNames(String value) {
        return postgres.setSynchronousStandbyNames(value);
    }

    @Override
    public CompletableFuture<List<TimelineHistory.Entry>> timelineHistory() {
        return postgres.timelineHistory();
    }
}
