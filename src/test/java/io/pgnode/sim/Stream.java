package io.pgnode.sim;

import io.pgnode.model.MemberName;

/**
 * A replication connection: WAL in one direction, acknowledgements in the other. Each side closes
 * it when it has not heard from the other for a while.
 */
final class Stream {
    private static final long MILLI = 1_000_000L;
    private static final long HEARTBEAT_NANOS = 1000 * MILLI;
    private static final long TIMEOUT_NANOS = 5000 * MILLI;

    /** Finds the instance at an address. */
    interface Directory {
        SimInstance instance(MemberName name);

        SimNetwork network();
    }

    private final SimNetwork network;
    private final SimInstance upstream;
    private final SimInstance standby;
    private final long standbyIncarnation;
    private int sent;
    private int acknowledged;
    private boolean caughtUp;
    private boolean openAtUpstream = true;
    private boolean openAtStandby;
    private boolean pushing;
    private long heardAtUpstream;
    private long heardAtStandby;

    private Stream(SimNetwork network, SimInstance upstream, SimInstance standby) {
        this.network = network;
        this.upstream = upstream;
        this.standby = standby;
        this.standbyIncarnation = standby.incarnation();
        this.sent = standby.wal().flushed();
        this.acknowledged = sent;
        this.heardAtUpstream = upstream.world().nowNanos();
    }

    /** Asks {@code upstream} for a connection; nothing happens when it refuses. */
    static void connect(SimInstance standby, MemberName upstreamName) {
        Directory directory = standby.directory();
        SimInstance upstream = directory.instance(upstreamName);
        SimNetwork network = directory.network();
        network.send(
                standby.host(),
                upstream.host(),
                () -> {
                    if (upstream.refuses(standby) != null || !standby.mayReceive(upstreamName)) {
                        return;
                    }
                    Stream stream = new Stream(network, upstream, standby);
                    upstream.sender(stream);
                    network.send(upstream.host(), standby.host(), stream::openedAtStandby);
                    stream.watchAtUpstream();
                });
    }

    String standbyName() {
        return standby.host();
    }

    int acknowledged() {
        return acknowledged;
    }

    boolean isCaughtUp() {
        return caughtUp;
    }

    boolean isOpenAtStandby() {
        return openAtStandby;
    }

    private boolean standbyLives() {
        return standby.incarnation() == standbyIncarnation && standby.mayReceive(upstream.name());
    }

    private void openedAtStandby() {
        if (!standbyLives() || standby.isStreaming()) {
            return;
        }
        openAtStandby = true;
        heardAtStandby = world().nowNanos();
        standby.receiver(this);
        watchAtStandby();
        acknowledge(standby.wal().flushed());
    }

    private World world() {
        return upstream.world();
    }

    // ---------------------------------------------------------------- at the upstream

    /** Sends what was flushed and not sent yet, soon. */
    void push() {
        if (!openAtUpstream || pushing || sent >= upstream.wal().flushed()) {
            return;
        }
        pushing = true;
        world().after(
                        MILLI / 10,
                        upstream.host(),
                        () -> {
                            pushing = false;
                            send(sent);
                        });
    }

    private void send(int from) {
        if (!openAtUpstream || !upstream.isSender(this)) {
            return;
        }
        int to = upstream.wal().flushed();
        var records = upstream.wal().slice(Math.min(from, to), to);
        sent = to;
        network.send(
                upstream.host(),
                standby.host(),
                () -> {
                    if (openAtStandby && standbyLives()) {
                        heardAtStandby = world().nowNanos();
                        if (records.isEmpty()) {
                            acknowledge(standby.wal().flushed());
                        } else {
                            standby.received(this, from, records);
                        }
                    }
                });
    }

    private void watchAtUpstream() {
        if (!openAtUpstream) {
            return;
        }
        if (world().nowNanos() - heardAtUpstream > TIMEOUT_NANOS) {
            closeAtUpstream();
            return;
        }
        send(acknowledged);
        world().after(HEARTBEAT_NANOS, upstream.host(), this::watchAtUpstream);
    }

    void closeAtUpstream() {
        if (openAtUpstream) {
            openAtUpstream = false;
            upstream.senderClosed(this);
            network.send(upstream.host(), standby.host(), this::closeAtStandby);
        }
    }

    // ---------------------------------------------------------------- at the standby

    void acknowledge(int flushed) {
        network.send(
                standby.host(),
                upstream.host(),
                () -> {
                    if (openAtUpstream) {
                        heardAtUpstream = world().nowNanos();
                        acknowledged = Math.max(acknowledged, flushed);
                        caughtUp |= acknowledged >= upstream.wal().flushed();
                        upstream.release();
                        push();
                    }
                });
    }

    private void watchAtStandby() {
        if (!openAtStandby) {
            return;
        }
        if (!standbyLives() || world().nowNanos() - heardAtStandby > TIMEOUT_NANOS) {
            closeAtStandby();
            return;
        }
        world().after(HEARTBEAT_NANOS, standby.host(), this::watchAtStandby);
    }

    void closeAtStandby() {
        if (openAtStandby) {
            openAtStandby = false;
            standby.receiverClosed(this);
            network.send(standby.host(), upstream.host(), this::closeAtUpstream);
        }
    }
}
