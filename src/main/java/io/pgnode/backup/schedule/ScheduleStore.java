package io.pgnode.backup.schedule;

import io.pgnode.backup.schedule.core.JobStates;
import io.pgnode.backup.schedule.core.WantedBackup;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.dcs.Dcs;
import io.pgnode.dcs.Dcs.Compare;
import io.pgnode.dcs.Dcs.KeyValue;
import io.pgnode.dcs.Dcs.Op;
import io.pgnode.dcs.Dcs.Txn;
import io.pgnode.dcs.DcsException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The keys of backups of one cluster, under {@code <namespace>/<scope>/pgnode/backup/}: the lease
 * of the one that runs, the number of runs so far, and how the last slots went. Blocking;
 * thread-safe.
 *
 * <p>Calls fail with {@link DcsException}; after one of kind UNKNOWN only {@link #read} tells.
 */
public final class ScheduleStore {
    private final Dcs dcs;
    private final String prefix;
    private final Duration timeout;

    /**
     * @param timeout of every call
     */
    public ScheduleStore(Dcs dcs, String namespace, String scope, Duration timeout) {
        this.dcs = dcs;
        this.prefix = ClusterStore.prefix(namespace, scope) + "pgnode/backup/";
        this.timeout = timeout;
    }

    private String leaseKey() {
        return prefix + "lease";
    }

    private String epochKey() {
        return prefix + "epoch";
    }

    private String byHandKey() {
        return prefix + "manual";
    }

    private String wantedKey() {
        return prefix + "wanted";
    }

    /** What was asked for has been made; nothing when something else is asked for by now. */
    void served(long wantedRevision) throws InterruptedException {
        var _ =
                txn(
                        List.of(new Compare.ModRevisionIs(wantedKey(), wantedRevision)),
                        List.of(new Op.Delete(wantedKey())));
    }

    private String statesKey() {
        return prefix + "schedule";
    }

    /**
     * @throws IllegalArgumentException when a key cannot be read, naming it
     */
    public ScheduleSnapshot read() throws InterruptedException {
        JobStates states = null;
        long statesRevision = 0;
        LeaseHolder holder = null;
        long epoch = 0;
        long epochRevision = 0;
        JobStates byHand = null;
        WantedBackup wanted = null;
        long wantedRevision = 0;
        for (KeyValue pair : get(dcs.range(prefix, timeout)).pairs()) {
            try {
                switch (pair.key().substring(prefix.length())) {
                    case "lease" -> holder = ScheduleCodec.decodeHolder(pair);
                    case "epoch" -> {
                        epoch = Long.parseLong(pair.value());
                        epochRevision = pair.modRevision();
                    }
                    case "schedule" -> {
                        statesRevision = pair.modRevision();
                        states = ScheduleCodec.decodeStates(pair.value());
                    }
                    case "manual" -> byHand = ScheduleCodec.decodeStates(pair.value());
                    case "wanted" -> {
                        wantedRevision = pair.modRevision();
                        wanted = ScheduleCodec.decodeWanted(pair.value());
                    }
                    default -> {}
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "key " + pair.key() + " in the DCS cannot be read: " + e.getMessage(), e);
            }
        }
        return new ScheduleSnapshot(
                states,
                statesRevision,
                holder,
                epoch,
                epochRevision,
                byHand,
                wanted,
                wantedRevision);
    }

    /** Begins to remember; nothing when somebody else has. */
    void begin(Instant since) throws InterruptedException {
        var _ =
                txn(
                        List.of(new Compare.Absent(statesKey())),
                        List.of(
                                new Op.Put(
                                        statesKey(),
                                        ScheduleCodec.encode(new JobStates(since, Map.of())),
                                        0)));
    }

    long grant(Duration ttl) throws InterruptedException {
        return get(dcs.grantLease(ttl, timeout));
    }

    Duration keepAlive(long leaseId) throws InterruptedException {
        return get(dcs.keepAlive(leaseId, timeout));
    }

    void revoke(long leaseId) throws InterruptedException {
        get(dcs.revokeLease(leaseId, timeout));
    }

    /**
     * Puts the lease's key, raises the epoch, and says in {@code states} what runs: all when nobody
     * holds it and nothing has changed since {@code seen}, else nothing.
     *
     * @param states null to leave them
     */
    boolean take(ScheduleSnapshot seen, LeaseHolder holder, @Nullable JobStates states)
            throws InterruptedException {
        List<Compare> compares = new ArrayList<>();
        compares.add(new Compare.Absent(leaseKey()));
        compares.add(unchanged(epochKey(), seen.epochRevision()));
        List<Op> ops = new ArrayList<>();
        ops.add(new Op.Put(leaseKey(), ScheduleCodec.encode(holder), holder.leaseId()));
        ops.add(new Op.Put(epochKey(), Long.toString(holder.epoch()), 0));
        if (states != null) {
            compares.add(unchanged(statesKey(), seen.statesRevision()));
            ops.add(new Op.Put(statesKey(), ScheduleCodec.encode(states), 0));
        }
        return txn(compares, ops);
    }

    /** Writes the progress; nothing when it is not ours any more. */
    boolean update(LeaseHolder holder) throws InterruptedException {
        return txn(
                List.of(new Compare.CreateRevisionIs(leaseKey(), holder.createRevision())),
                List.of(new Op.Put(leaseKey(), ScheduleCodec.encode(holder), holder.leaseId())));
    }

    /**
     * Removes the lease's key, and puts {@code states}; nothing when it is not ours any more.
     *
     * @param states null to leave them
     * @param byHand of the backups by hand; null to leave them
     */
    boolean release(LeaseHolder holder, @Nullable JobStates states, @Nullable JobStates byHand)
            throws InterruptedException {
        List<Op> ops = new ArrayList<>();
        ops.add(new Op.Delete(leaseKey()));
        if (states != null) {
            ops.add(new Op.Put(statesKey(), ScheduleCodec.encode(states), 0));
        }
        if (byHand != null) {
            ops.add(new Op.Put(byHandKey(), ScheduleCodec.encode(byHand), 0));
        }
        return txn(List.of(new Compare.CreateRevisionIs(leaseKey(), holder.createRevision())), ops);
    }

    private static Compare unchanged(String key, long revision) {
        return revision == 0 ? new Compare.Absent(key) : new Compare.ModRevisionIs(key, revision);
    }

    private boolean txn(List<Compare> compares, List<Op> ops) throws InterruptedException {
        return get(dcs.txn(new Txn(compares, ops), timeout)).succeeded();
    }

    private static <T> T get(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get(); // the store ends every call by its timeout
        } catch (ExecutionException e) {
            throw DcsException.of(e);
        }
    }
}
