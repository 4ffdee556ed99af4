package io.pgnode.sim;

import io.pgnode.agent.Loop;
import io.pgnode.agent.Postgres;
import io.pgnode.cluster.InstanceView;
import io.pgnode.dcs.Dcs;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Mistakes one could make, each of which the simulation must notice. */
final class PlantedFaults {
    private PlantedFaults() {}

    /** The lease counts from the reply, and nothing is kept in reserve. */
    static Rules leaseCountsFromTheReply() {
        return new Rules() {
            @Override
            public int favouriteFault() {
                return Faults.SLOW_LINK;
            }

            @Override
            public Dcs dcs(Dcs dcs, MemberName self, Loop loop) {
                return new DcsWrapper(dcs) {
                    @Override
                    public CompletableFuture<Duration> keepAlive(long leaseId, Duration timeout) {
                        long sent = loop.nanos();
                        return super.keepAlive(leaseId, timeout)
                                .thenApply(
                                        granted ->
                                                granted.plusNanos(loop.nanos() - sent)
                                                        .plusMillis(500));
                    }
                };
            }
        };
    }

    /** The sync key is written before PostgreSQL waits for the standby. */
    static Rules keyBeforeNames() {
        return new Rules() {
            @Override
            public Postgres postgres(Postgres postgres, MemberName self, Loop loop) {
                return new PostgresWrapper(postgres) {
                    private @Nullable String claimed;

                    @Override
                    public InstanceView view() {
                        String names = claimed;
                        InstanceView view = super.view();
                        return names == null || view.isStandby() ? view : waitingFor(view, names);
                    }

                    @Override
                    public CompletableFuture<InstanceView> refresh() {
                        return super.refresh().thenApply(view -> view());
                    }

                    @Override
                    public CompletableFuture<Lsn> setSynchronousStandbyNames(String value) {
                        claimed = value;
                        var _ =
                                loop.schedule(
                                        Duration.ofSeconds(1).toNanos(),
                                        () -> {
                                            var _ = super.setSynchronousStandbyNames(value);
                                        });
                        return CompletableFuture.completedFuture(Lsn.NONE);
                    }
                };
            }
        };
    }

    /** A member that restarts as a standby forgets that it was promoted. */
    static Rules promotionsAreForgotten() {
        return new Rules() {
            @Override
            public Postgres postgres(Postgres postgres, MemberName self, Loop loop) {
                return new PostgresWrapper(postgres) {
                    @Override
                    public InstanceView view() {
                        InstanceView view = super.view();
                        return changed(view, view.replication(), view.synchronousStandbyNames(), 0);
                    }

                    @Override
                    public CompletableFuture<InstanceView> refresh() {
                        return super.refresh().thenApply(view -> view());
                    }
                };
            }
        };
    }

    /**
     * As without claims: each takes the number after its own. {@link #promotionsAreForgotten} is
     * part of it, the second line of defence.
     */
    static Rules claimsAreIgnored() {
        return new Rules() {
            @Override
            public Postgres postgres(Postgres postgres, MemberName self, Loop loop) {
                return new PostgresWrapper(
                        promotionsAreForgotten().postgres(postgres, self, loop)) {
                    @Override
                    public CompletableFuture<@Nullable Void> promote(long epoch, int timeline) {
                        return super.promote(epoch, view().timeline() + 1);
                    }
                };
            }
        };
    }

    private static InstanceView waitingFor(InstanceView view, String names) {
        SyncNames sync = SyncNames.parse(names);
        List<InstanceView.Standby> replication =
                view.replication().stream()
                        .map(
                                row ->
                                        new InstanceView.Standby(
                                                row.applicationName(),
                                                row.userName(),
                                                row.clientAddress(),
                                                row.state(),
                                                sync.names().contains(row.applicationName())
                                                        ? "sync"
                                                        : "async",
                                                row.syncPriority(),
                                                row.sentLsn(),
                                                row.writeLsn(),
                                                row.flushLsn(),
                                                row.replayLsn()))
                        .toList();
        return changed(view, replication, names, view.promotedTimeline());
    }

    private static InstanceView changed(
            InstanceView view,
            List<InstanceView.Standby> replication,
            String names,
            int promotedTimeline) {
        return new InstanceView(
                view.data(),
                view.process(),
                view.control(),
                view.systemId(),
                view.serverVersion(),
                view.postmasterStartMillis(),
                view.answers(),
                view.inRecovery(),
                view.timeline(),
                view.flushLsn(),
                view.receiveLsn(),
                view.replayLsn(),
                view.replayTimestampMillis(),
                view.checkpointLsn(),
                view.checkpointTimeline(),
                promotedTimeline,
                view.replayPaused(),
                view.upstream(),
                view.streaming(),
                replication,
                view.slots(),
                names,
                view.pendingRestart(),
                view.freeBytes(),
                view.walPath());
    }

    /** Whoever is not the leader believes that the sync key names everybody. */
    static Rules anyStandbyMayRun() {
        return new Rules() {
            @Override
            public Dcs dcs(Dcs dcs, MemberName self, Loop loop) {
                return new DcsWrapper(dcs) {
                    @Override
                    KeyValue seen(KeyValue pair) {
                        boolean others =
                                pair.key().endsWith("/sync")
                                        && !pair.value().contains("\"leader\":\"" + self + "\"");
                        return !others
                                ? pair
                                : new KeyValue(
                                        pair.key(),
                                        pair.value()
                                                .replaceAll(
                                                        "\"sync_standby\":[^,]*(,n\\d\")?",
                                                        "\"sync_standby\":[\"n1\",\"n2\",\"n3\",\"n4\"]"),
                                        pair.createRevision(),
                                        pair.modRevision(),
                                        pair.version(),
                                        pair.leaseId());
                    }
                };
            }
        };
    }

    /** The lease keeper wakes up for its deadline a cycle late, and no guard stands behind it. */
    static Rules noWakeUpAtTheDeadline() {
        return new Rules() {
            @Override
            public Loop leaseLoop(Loop loop) {
                return new LateLoop(loop, Duration.ofSeconds(2).toNanos());
            }

            @Override
            public boolean hasGuard() {
                return false;
            }
        };
    }

    static Rules noGuard() {
        return new Rules() {
            @Override
            public boolean hasGuard() {
                return false;
            }
        };
    }

    /** Leader-only writes do not compare leader and epoch. */
    static Rules noFencingOfWrites() {
        return new Rules() {
            @Override
            public Dcs dcs(Dcs dcs, MemberName self, Loop loop) {
                return new DcsWrapper(dcs) {
                    @Override
                    public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
                        boolean acquires =
                                txn.ops().stream().anyMatch(op -> op.key().endsWith("/leader"));
                        return acquires
                                ? super.txn(txn, timeout)
                                : super.txn(
                                        new Txn(
                                                txn.compares().stream()
                                                        .filter(
                                                                compare ->
                                                                        !(compare
                                                                                instanceof
                                                                                Compare.ValueIs))
                                                        .toList(),
                                                txn.ops()),
                                        timeout);
                    }
                };
            }
        };
    }

    /** A paused leader counts on a key that was never written. */
    static Rules pausesAreNotTold() {
        return new Rules() {
            @Override
            public Dcs dcs(Dcs dcs, MemberName self, Loop loop) {
                return new DcsWrapper(dcs) {
                    @Override
                    public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
                        boolean tells =
                                txn.ops().size() == 1
                                        && txn.ops().getFirst().key().endsWith("/suspension");
                        return super.txn(tells ? new Txn(txn.compares(), List.of()) : txn, timeout);
                    }
                };
            }
        };
    }

    static Rules forgottenPromises() {
        return new Rules() {
            @Override
            public boolean remembersPromises() {
                return false;
            }
        };
    }

    static Rules brokenPromises() {
        return new Rules() {
            @Override
            public boolean keepsPromises() {
                return false;
            }
        };
    }

    /** A loop whose timers fire late. */
    private record LateLoop(Loop loop, long lateNanos) implements Loop {
        @Override
        public long nanos() {
            return loop.nanos();
        }

        @Override
        public Instant wallClock() {
            return loop.wallClock();
        }

        @Override
        public Timer schedule(long delayNanos, Runnable task) {
            boolean isDeadline = delayNanos > lateNanos;
            return loop.schedule(isDeadline ? delayNanos + lateNanos : delayNanos, task);
        }

        @Override
        public void execute(Runnable task) {
            loop.execute(task);
        }
    }
}
