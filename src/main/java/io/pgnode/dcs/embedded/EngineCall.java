package io.pgnode.dcs.embedded;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** A unary gRPC call as a request to the engine. */
abstract class EngineCall<R> implements KvEngine.Request {
    private final StreamObserver<R> client;

    EngineCall(StreamObserver<R> client) {
        this.client = client;
        ignoreCancellation(client);
    }

    /** Otherwise an answer to a client that has given up throws. */
    static void ignoreCancellation(StreamObserver<?> client) {
        ((ServerCallStreamObserver<?>) client).setOnCancelHandler(() -> {});
    }

    /** The answer; refusals are thrown. */
    abstract R handle(KvState state, long nowNanos, List<KvRecord> changes);

    @Override
    public final Runnable apply(KvState state, long nowNanos, List<KvRecord> changes) {
        try {
            R answer = handle(state, nowNanos, changes);
            return () -> {
                client.onNext(answer);
                client.onCompleted();
            };
        } catch (KvException e) {
            return () -> client.onError(EtcdMessages.refusal(e));
        } catch (StatusRuntimeException e) {
            return () -> client.onError(e);
        }
    }

    @Override
    public final void fail() {
        client.onError(stopping());
    }

    static StatusRuntimeException stopping() {
        return Status.UNAVAILABLE
                .withDescription("etcdserver: server stopped")
                .asRuntimeException();
    }
}
