package io.pgnode.sim;

import io.pgnode.cluster.InstanceView.ControlState;
import io.pgnode.cluster.InstanceView.DataState;
import io.pgnode.cluster.InstanceView.ProcessState;
import io.pgnode.cluster.InstanceView.Standby;
import io.pgnode.model.MemberName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL: a data directory that survives everything, and a server process that does not.
 *
 * <p>Whatever the server is about to do is tied to its {@code incarnation}, which a stop or a crash
 * ends.
 */
final class SimInstance {
    /** What the world wants to know at once. */
    interface Listener {
        /** It accepts writes from now on. */
        void accepting(SimInstance instance, boolean promoted);

        /** A client was told that its transaction is committed. */
        void acknowledged(SimInstance instance, int index, Wal.Rec rec);

        /** The postmaster is gone although nobody stopped it. */
        void died(SimInstance instance);
    }

    private record Waiting(int index, Wal.Rec rec) {}

    private static final long MILLI = 1_000_000L;

    private final World world;
    private final Stream.Directory directory;
    private final MemberName name;
    private final Listener listener;
    private final Map<String, Stream> senders = new TreeMap<>();
    private final List<Waiting> waiting = new ArrayList<>();

    // The data directory.
    private final Wal wal = new Wal();

    /** What the backup repository has of its WAL. */
    private final Wal archive = new Wal();

    private final Set<String> slots = new TreeSet<>();
    private DataState data = DataState.EMPTY;
    private ControlState control = ControlState.UNKNOWN;
    private String systemId = "";
    private boolean standbySignal;
    private @Nullable MemberName upstream;
    private String upstreamSlot = "";
    private int checkpointTimeline;
    private int checkpointIndex;
    private int promotedTimeline;
    private String names = "";
    private boolean diskFull;

    // The server.
    private ProcessState process = ProcessState.STOPPED;
    private boolean inRecovery;
    private boolean promoting;
    private long incarnation;
    private String effectiveText = "";
    private SyncNames effective = SyncNames.NOBODY;
    private @Nullable Stream receiver;

    SimInstance(World world, Stream.Directory directory, MemberName name, Listener listener) {
        this.world = world;
        this.directory = directory;
        this.name = name;
        this.listener = listener;
    }

    MemberName name() {
        return name;
    }

    String host() {
        return name.value();
    }

    World world() {
        return world;
    }

    Stream.Directory directory() {
        return directory;
    }

    // ---------------------------------------------------------------- facts

    Wal wal() {
        return wal;
    }

    Set<String> slots() {
        return slots;
    }

    DataState data() {
        return data;
    }

    ControlState control() {
        return control;
    }

    String systemId() {
        return systemId;
    }

    ProcessState process() {
        return process;
    }

    boolean standbySignal() {
        return standbySignal;
    }

    boolean inRecovery() {
        return inRecovery;
    }

    long incarnation() {
        return incarnation;
    }

    @Nullable MemberName upstream() {
        return upstream;
    }

    String upstreamSlot() {
        return upstreamSlot;
    }

    boolean isStreaming() {
        return receiver != null && receiver.isOpenAtStandby();
    }

    int checkpointTimeline() {
        return checkpointTimeline;
    }

    int promotedTimeline() {
        return promotedTimeline;
    }

    int checkpointIndex() {
        return checkpointIndex;
    }

    String names() {
        return names;
    }

    SyncNames effectiveNames() {
        return effective;
    }

    /** The setting that is in force. */
    String effectiveNamesText() {
        return effectiveText;
    }

    boolean isDiskFull() {
        return diskFull;
    }

    /** Whether a client that connects now could commit. */
    boolean acceptsWrites() {
        return process == ProcessState.RUNNING && !inRecovery;
    }

    boolean isStandby() {
        return process == ProcessState.RUNNING && inRecovery;
    }

    boolean isLocalRunning() {
        return process == ProcessState.RUNNING;
    }

    List<Standby> replication() {
        List<Standby> rows = new ArrayList<>();
        List<String> sync = syncStandbys();
        for (Stream sender : senders.values()) {
            int at = sender.acknowledged();
            rows.add(
                    new Standby(
                            sender.standbyName(),
                            "replicator",
                            sender.standbyName(),
                            sender.isCaughtUp() ? "streaming" : "catchup",
                            sync.contains(sender.standbyName())
                                    ? "sync"
                                    : effective.names().contains(sender.standbyName())
                                            ? "potential"
                                            : "async",
                            effective.names().indexOf(sender.standbyName()) + 1,
                            Wal.lsn(at),
                            Wal.lsn(at),
                            Wal.lsn(at),
                            Wal.lsn(at)));
        }
        return rows;
    }

    /**
     * The listed standbys a commit waits for now, by priority; fewer than asked for when too few
     * are connected.
     */
    private List<String> syncStandbys() {
        List<String> sync = new ArrayList<>();
        for (String candidate : effective.names()) {
            Stream sender = senders.get(candidate);
            if (sender != null && sender.isCaughtUp() && sync.size() < effective.count()) {
                sync.add(candidate);
            }
        }
        return sync;
    }

    // ---------------------------------------------------------------- the data directory

    void created(String newSystemId) {
        erase();
        data = DataState.VALID;
        control = ControlState.SHUT_DOWN;
        systemId = newSystemId;
        wal.append(new Wal.Rec(world.nextId(), 1));
        wal.flush(wal.size());
        checkpoint();
    }

    void erase() {
        data = DataState.EMPTY;
        control = ControlState.UNKNOWN;
        systemId = "";
        standbySignal = false;
        upstream = null;
        names = "";
        slots.clear();
        promotedTimeline = 0;
        wal.truncate(0);
    }

    void unfinished() {
        data = DataState.UNFINISHED;
    }

    /** From here on the data directory is of no use before {@link #recovered}. */
    void restoreBegins() {
        if (data == DataState.VALID) {
            archive.copyFrom(wal);
        }
        data = DataState.UNFINISHED;
    }

    boolean isArchived() {
        return archive.size() > 0 || data == DataState.VALID;
    }

    /**
     * @param records how many of the archive it is recovered to
     */
    void restored(int records) {
        wal.truncate(0);
        archive.slice(0, Math.min(records, archive.size())).forEach(wal::append);
        wal.flush(wal.size());
        standbySignal = false;
        upstream = null;
        slots.clear();
        control = ControlState.IN_ARCHIVE_RECOVERY;
        checkpoint();
    }

    /** The recovery reached its target and promoted. */
    void recovered(int timeline) {
        wal.append(new Wal.Rec(world.nextId(), timeline));
        wal.flush(wal.size());
        process = ProcessState.RUNNING;
        control = ControlState.IN_PRODUCTION;
        promotedTimeline = timeline;
        checkpoint();
        listener.accepting(this, true);
    }

    void accept() {
        data = DataState.VALID;
    }

    void rewindDidNothing() {
        data = DataState.VALID;
        standbySignal = true;
    }

    /** A base backup of {@code source}, or a rewind against it, is complete. */
    void becomeCopyOf(SimInstance source) {
        data = DataState.VALID;
        control = ControlState.IN_ARCHIVE_RECOVERY;
        systemId = source.systemId;
        standbySignal = true;
        names = source.names;
        promotedTimeline = 0;
        wal.copyFrom(source.wal);
        checkpointTimeline = source.checkpointTimeline;
        checkpointIndex = source.checkpointIndex;
    }

    void configureAsPrimary() {
        standbySignal = false;
        upstream = null;
    }

    void configureAsStandby(@Nullable MemberName newUpstream, String slot) {
        standbySignal = true;
        upstream = newUpstream;
        upstreamSlot = slot;
    }

    void diskFull(boolean full) {
        diskFull = full;
        if (full && process != ProcessState.STOPPED && !inRecovery) {
            world.after(
                    world.between(host() + " disk", 0, 300 * MILLI),
                    host(),
                    whileAlive(
                            () -> {
                                if (diskFull && acceptsWrites()) {
                                    world.trace("cannot write WAL, panics");
                                    crash(true);
                                }
                            }));
        }
    }

    void names(String value) {
        names = value;
    }

    // ---------------------------------------------------------------- the server

    Runnable whileAlive(Runnable action) {
        long mine = incarnation;
        return () -> {
            if (incarnation == mine) {
                action.run();
            }
        };
    }

    /** The postmaster was started; {@link #opened} follows when recovery is done. */
    void launched() {
        incarnation++;
        process = ProcessState.STARTING;
        inRecovery = standbySignal;
        promoting = false;
        control = standbySignal ? ControlState.IN_ARCHIVE_RECOVERY : ControlState.IN_CRASH_RECOVERY;
        effectiveText = names;
        effective = SyncNames.parse(names);
    }

    void opened() {
        process = ProcessState.RUNNING;
        if (inRecovery) {
            receiveLoop();
        } else {
            control = ControlState.IN_PRODUCTION;
            wal.append(new Wal.Rec(world.nextId(), wal.timeline()));
            wal.flush(wal.size());
            checkpoint();
            listener.accepting(this, false);
        }
    }

    void promoteBegins() {
        promoting = true;
        closeReceiver();
    }

    /**
     * @param timeline that it was told to begin
     */
    void promoted(int timeline) {
        promoting = false;
        wal.truncate(wal.flushed());
        wal.append(new Wal.Rec(world.nextId(), Math.max(timeline, wal.timeline() + 1)));
        promotedTimeline = wal.timeline();
        wal.flush(wal.size());
        inRecovery = false;
        standbySignal = false;
        upstream = null;
        control = ControlState.IN_PRODUCTION;
        listener.accepting(this, true);
        senders.values().forEach(Stream::push);
    }

    void checkpoint() {
        checkpointTimeline = wal.timeline();
        checkpointIndex = wal.flushed();
    }

    /** New settings are in force in every backend. */
    void reloadNames() {
        effectiveText = names;
        effective = SyncNames.parse(names);
        release();
    }

    /** A fast stop begins: clients are thrown out, standbys get the rest. */
    void stopBegins() {
        process = ProcessState.STOPPING;
        waiting.clear();
        closeReceiver();
        if (!inRecovery) {
            wal.append(new Wal.Rec(world.nextId(), wal.timeline()));
            wal.flush(wal.size());
            checkpoint();
            senders.values().forEach(Stream::push);
        }
    }

    boolean standbysHaveEverything() {
        return senders.values().stream().allMatch(sender -> sender.acknowledged() >= wal.size());
    }

    void stopped() {
        control = inRecovery ? ControlState.SHUT_DOWN_IN_RECOVERY : ControlState.SHUT_DOWN;
        end();
    }

    /**
     * Every process of the server dies now.
     *
     * @param unasked nobody of ours did it
     */
    void crash(boolean unasked) {
        if (process == ProcessState.STOPPED) {
            return;
        }
        int tail = wal.size() - wal.flushed();
        int kept = wal.flushed() + (tail == 0 ? 0 : world.chance(host() + " tail").nextInt(tail));
        wal.truncate(kept);
        wal.flush(kept);
        end();
        if (unasked) {
            listener.died(this);
        }
    }

    private void end() {
        incarnation++;
        process = ProcessState.STOPPED;
        inRecovery = false;
        promoting = false;
        waiting.clear();
        closeReceiver();
        List.copyOf(senders.values()).forEach(Stream::closeAtUpstream);
        senders.clear();
    }

    // ---------------------------------------------------------------- commits

    /** A client's transaction; acknowledged later, or never. */
    void commit() {
        if (!acceptsWrites()) {
            return;
        }
        if (diskFull) {
            world.trace("cannot write WAL, panics");
            crash(true);
            return;
        }
        int index = wal.size();
        Wal.Rec rec = new Wal.Rec(world.nextId(), wal.timeline());
        wal.append(rec);
        world.after(
                world.between(host() + " flush", MILLI / 5, 2 * MILLI),
                host(),
                whileAlive(
                        () -> {
                            wal.flush(index + 1);
                            senders.values().forEach(Stream::push);
                            if (process == ProcessState.RUNNING) {
                                waiting.add(new Waiting(index, rec));
                                release();
                            }
                        }));
    }

    /** Tells every client whose commit has what it waits for. */
    void release() {
        if (!acceptsWrites() || waiting.isEmpty()) {
            return;
        }
        int safe = Integer.MAX_VALUE;
        if (!effective.isEmpty()) {
            List<String> sync = syncStandbys();
            safe = sync.size() < effective.count() ? 0 : Integer.MAX_VALUE;
            for (String standby : sync) {
                Stream sender = senders.get(standby);
                safe = Math.min(safe, sender == null ? 0 : sender.acknowledged());
            }
        }
        int upTo = safe;
        List<Waiting> done = waiting.stream().filter(commit -> commit.index() < upTo).toList();
        waiting.removeAll(done);
        done.forEach(commit -> listener.acknowledged(this, commit.index(), commit.rec()));
    }

    // ---------------------------------------------------------------- replication

    void sender(Stream stream) {
        Stream old = senders.put(stream.standbyName(), stream);
        if (old != null) {
            old.closeAtUpstream();
        }
    }

    void senderClosed(Stream stream) {
        senders.remove(stream.standbyName(), stream);
    }

    boolean isSender(Stream stream) {
        return senders.get(stream.standbyName()) == stream;
    }

    /** Why a standby with {@code its} WAL cannot stream from here; null when it can. */
    @Nullable String refuses(SimInstance standby) {
        if (process != ProcessState.RUNNING || promoting) {
            return "not accepting connections";
        }
        if (!standby.upstreamSlot.isEmpty() && !slots.contains(standby.upstreamSlot)) {
            return "replication slot does not exist";
        }
        if (!standby.systemId.equals(systemId)) {
            return "system identifier differs";
        }
        if (standby.wal.flushed() > wal.flushed()) {
            return "requested starting point is ahead";
        }
        int end = wal.endOf(standby.wal.timeline());
        if (end < 0 || standby.wal.flushed() > end) {
            return "requested timeline is not in this server's history";
        }
        return null;
    }

    private void receiveLoop() {
        if (receiver == null && !promoting && upstream != null && !diskFull) {
            Stream.connect(this, upstream);
        }
        world.after(
                world.between(host() + " retry", 300 * MILLI, 700 * MILLI),
                host(),
                whileAlive(
                        () -> {
                            if (inRecovery) {
                                receiveLoop();
                            }
                        }));
    }

    void receiver(Stream stream) {
        closeReceiver();
        receiver = stream;
    }

    boolean mayReceive(MemberName from) {
        return isStandby() && !promoting && from.equals(upstream) && !diskFull;
    }

    void closeReceiver() {
        if (receiver != null) {
            Stream old = receiver;
            receiver = null;
            old.closeAtStandby();
        }
    }

    void receiverClosed(Stream stream) {
        if (receiver == stream) {
            receiver = null;
        }
    }

    /** WAL that arrived; flushed a little later, then told to the sender. */
    void received(Stream from, int startIndex, List<Wal.Rec> records) {
        if (diskFull) {
            closeReceiver();
            return;
        }
        if (startIndex > wal.size()) {
            return;
        }
        for (int i = wal.size() - startIndex; i < records.size(); i++) {
            wal.append(records.get(i));
        }
        int end = wal.size();
        world.after(
                world.between(host() + " flush", MILLI / 5, 2 * MILLI),
                host(),
                whileAlive(
                        () -> {
                            wal.flush(end);
                            senders.values().forEach(Stream::push);
                            from.acknowledge(wal.flushed());
                        }));
    }
}
