package io.pgnode.dcs.embedded;

import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client's stream with its watches.
 *
 * <p>Every watch remembers its next revision and reads the history from there when there is
 * something new and the client takes more. So a slow client costs no memory; one that falls behind
 * the history is told so. All but the observer's methods run on the engine's thread.
 */
final class WatchStream implements StreamObserver<WatchRequest>, KvEngine.Watcher {
    private static final long NO_WATCH = -1;

    private static final class Watched {
        private final long id;
        private final KvRange keys;
        private final WatchCreateRequest request;
        private long nextRevision;

        Watched(long id, WatchCreateRequest request, long nextRevision) {
            this.id = id;
            this.keys = EtcdMessages.range(request.getKey(), request.getRangeEnd());
            this.request = request;
            this.nextRevision = nextRevision;
        }
    }

    private final KvEngine engine;
    private final ServerCallStreamObserver<WatchResponse> client;
    private final Map<Long, Watched> watches = new TreeMap<>();
    private long nextId;
    private boolean over;

    WatchStream(KvEngine engine, ServerCallStreamObserver<WatchResponse> client) {
        this.engine = engine;
        this.client = client;
    }

    void open() {
        client.setOnReadyHandler(() -> submit(this::pump));
        client.setOnCancelHandler(() -> submit(state -> end()));
        submit(state -> engine.addWatcher(this));
    }

    // From the client

    @Override
    public void onNext(WatchRequest request) {
        submit(
                state -> {
                    switch (request.getRequestUnionCase()) {
                        case CREATE_REQUEST -> create(state, request.getCreateRequest());
                        case CANCEL_REQUEST ->
                                cancel(state, request.getCancelRequest().getWatchId());
                        case PROGRESS_REQUEST -> progress(state);
                        case REQUESTUNION_NOT_SET -> {}
                    }
                });
    }

    @Override
    public void onError(Throwable failure) {
        submit(state -> end());
    }

    @Override
    public void onCompleted() {
        submit(
                state -> {
                    if (!over) {
                        end();
                        client.onCompleted();
                    }
                });
    }

    private void submit(Consumer<KvState> step) {
        engine.submit(
                new KvEngine.Request() {
                    @Override
                    public Runnable apply(KvState state, long nowNanos, List<KvRecord> changes) {
                        // After the sync, like every answer: no event before it is durable.
                        return () -> step.accept(state);
                    }

                    @Override
                    public void fail() {
                        // The server's shutdown ends the stream.
                    }
                });
    }

    // On the engine's thread

    private void create(KvState state, WatchCreateRequest request) {
        if (over) {
            return;
        }
        long id = nextId++;
        long from =
                request.getStartRevision() > 0 ? request.getStartRevision() : state.revision() + 1;
        Watched watched;
        try {
            watched = new Watched(id, request, from);
        } catch (StatusRuntimeException e) {
            client.onNext(
                    response(state, id)
                            .setCreated(true)
                            .setCanceled(true)
                            .setCancelReason(String.valueOf(e.getStatus().getDescription()))
                            .build());
            return;
        }
        watches.put(id, watched);
        client.onNext(response(state, id).setCreated(true).build());
        pump(state, watched);
    }

    private void cancel(KvState state, long id) {
        if (watches.remove(id) != null && !over) {
            client.onNext(response(state, id).setCanceled(true).build());
        }
    }

    private void progress(KvState state) {
        pump(state);
        boolean current =
                watches.values().stream()
                        .allMatch(watched -> watched.nextRevision > state.revision());
        if (!over && current) {
            client.onNext(response(state, NO_WATCH).build());
        }
    }

    @Override
    public void onRevision(KvState state) {
        pump(state);
    }

    private void pump(KvState state) {
        List.copyOf(watches.values()).forEach(watched -> pump(state, watched));
    }

    private void pump(KvState state, Watched watched) {
        if (watched.nextRevision > state.revision()) {
            return;
        }
        List<KvBatch> batches;
        try {
            batches = state.since(watched.nextRevision);
        } catch (KvException e) {
            watches.remove(watched.id);
            client.onNext(
                    response(state, watched.id)
                            .setCanceled(true)
                            .setCompactRevision(state.oldestWatchable())
                            .setCancelReason(String.valueOf(e.getMessage()))
                            .build());
            return;
        }
        for (KvBatch batch : batches) {
            if (over || !client.isReady()) {
                return; // goes on when the client takes more
            }
            watched.nextRevision = batch.revision() + 1;
            List<Event> events = events(watched, batch);
            if (!events.isEmpty()) {
                client.onNext(
                        WatchResponse.newBuilder()
                                .setHeader(EtcdMessages.header(batch.revision()))
                                .setWatchId(watched.id)
                                .addAllEvents(events)
                                .build());
            }
        }
        watched.nextRevision = Math.max(watched.nextRevision, state.revision() + 1);
    }

    private static List<Event> events(Watched watched, KvBatch batch) {
        List<Event> events = new ArrayList<>();
        for (KvChange change : batch.changes()) {
            KvEntry entry = change.entry();
            if (watched.keys.contains(entry.key()) && !isFiltered(watched.request, entry)) {
                events.add(event(change, watched.request.getPrevKv()));
            }
        }
        return events;
    }

    private static boolean isFiltered(WatchCreateRequest request, KvEntry entry) {
        return request.getFiltersList()
                .contains(
                        entry.isDeleted()
                                ? WatchCreateRequest.FilterType.NODELETE
                                : WatchCreateRequest.FilterType.NOPUT);
    }

    private static Event event(KvChange change, boolean withPrevious) {
        Event.Builder event =
                Event.newBuilder()
                        .setType(
                                change.entry().isDeleted()
                                        ? Event.EventType.DELETE
                                        : Event.EventType.PUT)
                        .setKv(EtcdMessages.keyValue(change.entry()));
        @Nullable KvEntry previous = change.previous();
        if (withPrevious && previous != null) {
            event.setPrevKv(EtcdMessages.keyValue(previous));
        }
        return event.build();
    }

    private static WatchResponse.Builder response(KvState state, long id) {
        return WatchResponse.newBuilder()
                .setHeader(EtcdMessages.header(state.revision()))
                .setWatchId(id);
    }

    private void end() {
        over = true;
        watches.clear();
        engine.removeWatcher(this);
    }
}
