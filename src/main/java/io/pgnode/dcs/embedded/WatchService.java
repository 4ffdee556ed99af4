package io.pgnode.dcs.embedded;

import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** etcd's Watch service. */
final class WatchService extends WatchGrpc.WatchImplBase {
    private final KvEngine engine;

    WatchService(KvEngine engine) {
        this.engine = engine;
    }

    @Override
    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> client) {
        WatchStream stream =
                new WatchStream(engine, (ServerCallStreamObserver<WatchResponse>) client);
        stream.open();
        return stream;
    }
}
