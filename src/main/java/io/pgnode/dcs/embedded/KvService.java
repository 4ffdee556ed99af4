package io.pgnode.dcs.embedded;

import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** etcd's KV service. */
final class KvService extends KVGrpc.KVImplBase {
    private final KvEngine engine;

    KvService(KvEngine engine) {
        this.engine = engine;
    }

    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> client) {
        engine.submit(
                new EngineCall<>(client) {
                    @Override
                    RangeResponse handle(KvState state, long nowNanos, List<KvRecord> changes) {
                        KvQuery.Answer answer = state.read(EtcdMessages.query(request));
                        return EtcdMessages.range(request, answer, state.revision());
                    }
                });
    }

    @Override
    public void put(PutRequest request, StreamObserver<PutResponse> client) {
        engine.submit(
                new EngineCall<>(client) {
                    @Override
                    PutResponse handle(KvState state, long nowNanos, List<KvRecord> changes) {
                        KvTxn.Outcome outcome = state.apply(KvTxn.of(EtcdMessages.put(request)));
                        KvEngine.note(outcome.batch(), changes);
                        return EtcdMessages.put(
                                request,
                                (KvTxn.Result.Put) outcome.results().getFirst(),
                                outcome.revision());
                    }
                });
    }

    @Override
    public void deleteRange(
            DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> client) {
        engine.submit(
                new EngineCall<>(client) {
                    @Override
                    DeleteRangeResponse handle(
                            KvState state, long nowNanos, List<KvRecord> changes) {
                        KvTxn.Outcome outcome = state.apply(KvTxn.of(EtcdMessages.delete(request)));
                        KvEngine.note(outcome.batch(), changes);
                        return EtcdMessages.delete(
                                request,
                                (KvTxn.Result.Delete) outcome.results().getFirst(),
                                outcome.revision());
                    }
                });
    }

    @Override
    public void txn(TxnRequest request, StreamObserver<TxnResponse> client) {
        engine.submit(
                new EngineCall<>(client) {
                    @Override
                    TxnResponse handle(KvState state, long nowNanos, List<KvRecord> changes) {
                        KvTxn.Outcome outcome = state.apply(EtcdMessages.txn(request));
                        KvEngine.note(outcome.batch(), changes);
                        return EtcdMessages.answer(request, outcome);
                    }
                });
    }

    @Override
    public void compact(CompactionRequest request, StreamObserver<CompactionResponse> client) {
        engine.submit(
                new EngineCall<>(client) {
                    @Override
                    CompactionResponse handle(
                            KvState state, long nowNanos, List<KvRecord> changes) {
                        state.compact(request.getRevision());
                        changes.add(new KvRecord.Compact(request.getRevision()));
                        return CompactionResponse.newBuilder()
                                .setHeader(EtcdMessages.header(state.revision()))
                                .build();
                    }
                });
    }
}
