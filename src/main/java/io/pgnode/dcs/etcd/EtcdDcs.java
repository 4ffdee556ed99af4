package io.pgnode.dcs.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.grpc.MethodDescriptor;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.Future;
import io.pgnode.dcs.Dcs;
import io.pgnode.dcs.DcsException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * A client of an etcd v3 cluster. Connects when it is first used; never blocks; thread-safe. Its
 * threads are daemons: one event loop, one timer, and virtual threads for callbacks.
 */
public final class EtcdDcs implements Dcs {
    private static final long RECONNECT_MILLIS = 250;

    private final EventLoopGroup loop;
    private final EtcdTimer timer;
    private final EtcdEndpoints endpoints;
    private final EtcdTokens tokens;
    private final Set<EtcdWatch> watches = ConcurrentHashMap.newKeySet();
    private final Set<EtcdCall<?, ?>> calls = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * @throws IllegalArgumentException when the TLS files cannot be used
     */
    public EtcdDcs(EtcdSettings settings) {
        EtcdSettings.Tls tlsSettings = settings.tls();
        SslContext tls = tlsSettings == null ? null : EtcdEndpoint.tls(tlsSettings);
        ThreadFactory daemons = Thread.ofPlatform().daemon().name("dcs-", 0).factory();
        loop = new NioEventLoopGroup(1, daemons);
        timer = new EtcdTimer(daemons);
        tokens = new EtcdTokens(settings);
        endpoints =
                new EtcdEndpoints(
                        settings.endpoints().stream()
                                .map(
                                        address ->
                                                EtcdEndpoint.open(
                                                        address, tls, loop, timer.runners()))
                                .toList());
        timer.every(TimeUnit.MILLISECONDS.toNanos(RECONNECT_MILLIS), endpoints::retryConnecting);
    }

    @Override
    public CompletableFuture<Range> range(String prefix, Duration timeout) {
        ByteString from = ByteString.copyFromUtf8(prefix);
        RangeRequest request =
                RangeRequest.newBuilder().setKey(from).setRangeEnd(afterPrefix(from)).build();
        return call("reading " + prefix, KVGrpc.getRangeMethod(), request, true, timeout)
                .thenApply(
                        answer ->
                                new Range(
                                        answer.getHeader().getRevision(),
                                        answer.getKvsList().stream()
                                                .map(EtcdDcs::keyValue)
                                                .toList()));
    }

    @Override
    public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
        TxnRequest.Builder request = TxnRequest.newBuilder();
        txn.compares().forEach(compare -> request.addCompare(compare(compare)));
        txn.ops().forEach(op -> request.addSuccess(op(op)));
        String what = txn.ops().isEmpty() ? "comparing" : "writing " + txn.ops().getFirst().key();
        return call(what, KVGrpc.getTxnMethod(), request.build(), false, timeout)
                .thenApply(
                        answer ->
                                new TxnResult(
                                        answer.getSucceeded(), answer.getHeader().getRevision()));
    }

    @Override
    public CompletableFuture<Long> grantLease(Duration ttl, Duration timeout) {
        long seconds = ttl.plusSeconds(1).minusNanos(1).toSeconds(); // rounded up
        LeaseGrantRequest request = LeaseGrantRequest.newBuilder().setTTL(seconds).build();
        return call("granting a lease", LeaseGrpc.getLeaseGrantMethod(), request, false, timeout)
                .thenApply(answer -> answer.getID());
    }

    @Override
    public CompletableFuture<Duration> keepAlive(long leaseId, Duration timeout) {
        LeaseKeepAliveRequest request = LeaseKeepAliveRequest.newBuilder().setID(leaseId).build();
        String what = "renewing lease " + Long.toHexString(leaseId);
        return call(what, LeaseGrpc.getLeaseKeepAliveMethod(), request, true, timeout)
                .thenApply(answer -> granted(what, answer));
    }

    private static Duration granted(String what, LeaseKeepAliveResponse answer) {
        if (answer.getTTL() <= 0) {
            throw new DcsException(
                    DcsException.Kind.LEASE_NOT_FOUND, what + ": the lease is gone", null);
        }
        return Duration.ofSeconds(answer.getTTL());
    }

    @Override
    public CompletableFuture<Void> revokeLease(long leaseId, Duration timeout) {
        LeaseRevokeRequest request = LeaseRevokeRequest.newBuilder().setID(leaseId).build();
        String what = "revoking lease " + Long.toHexString(leaseId);
        CompletableFuture<Void> revoked = new CompletableFuture<>();
        var _ =
                call(what, LeaseGrpc.getLeaseRevokeMethod(), request, true, timeout)
                        .whenComplete(
                                (answer, failure) -> {
                                    DcsException why =
                                            failure == null ? null : DcsException.of(failure);
                                    if (why == null
                                            || why.kind() == DcsException.Kind.LEASE_NOT_FOUND) {
                                        revoked.complete(null);
                                    } else {
                                        revoked.completeExceptionally(why);
                                    }
                                });
        return revoked;
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        if (closed) {
            throw closed();
        }
        EtcdWatch[] self = new EtcdWatch[1];
        EtcdWatch watch =
                new EtcdWatch(
                        prefix,
                        fromRevision,
                        listener,
                        endpoints,
                        tokens,
                        timer,
                        () -> watches.remove(self[0]));
        self[0] = watch;
        watches.add(watch);
        watch.start();
        return watch;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        List.copyOf(watches).forEach(EtcdWatch::close);
        calls.forEach(call -> call.fail(closed()));
        endpoints.close();
        timer.close();
        Future<?> _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static DcsException closed() {
        return new DcsException(DcsException.Kind.CLOSED, "the etcd client is closed", null);
    }

    private <Q, R> CompletableFuture<R> call(
            String what,
            MethodDescriptor<Q, R> method,
            Q request,
            boolean repeatable,
            Duration timeout) {
        if (closed) {
            return CompletableFuture.failedFuture(closed());
        }
        EtcdCall<Q, R> call =
                new EtcdCall<>(
                        what, method, request, repeatable, timeout, endpoints, tokens, timer);
        calls.add(call);
        CompletableFuture<R> answer = call.start();
        var _ = answer.whenComplete((value, failure) -> calls.remove(call));
        if (closed) { // looked at again after the call is listed: no call is forgotten
            call.fail(closed());
        }
        return answer;
    }

    // Translation

    private static io.etcd.jetcd.api.Compare compare(Compare compare) {
        io.etcd.jetcd.api.Compare.Builder builder =
                io.etcd.jetcd.api.Compare.newBuilder()
                        .setKey(ByteString.copyFromUtf8(compare.key()))
                        .setResult(CompareResult.EQUAL);
        switch (compare) {
            case Compare.Absent _ -> builder.setTarget(CompareTarget.CREATE).setCreateRevision(0);
            case Compare.CreateRevisionIs(_, long revision) ->
                    builder.setTarget(CompareTarget.CREATE).setCreateRevision(revision);
            case Compare.ModRevisionIs(_, long revision) ->
                    builder.setTarget(CompareTarget.MOD).setModRevision(revision);
            case Compare.ValueIs(_, String value) ->
                    builder.setTarget(CompareTarget.VALUE).setValue(ByteString.copyFromUtf8(value));
        }
        return builder.build();
    }

    private static RequestOp op(Op op) {
        ByteString key = ByteString.copyFromUtf8(op.key());
        RequestOp.Builder builder = RequestOp.newBuilder();
        switch (op) {
            case Op.Put(_, String value, long leaseId) ->
                    builder.setRequestPut(
                            PutRequest.newBuilder()
                                    .setKey(key)
                                    .setValue(ByteString.copyFromUtf8(value))
                                    .setLease(leaseId));
            case Op.Delete _ ->
                    builder.setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key));
            case Op.DeletePrefix _ ->
                    builder.setRequestDeleteRange(
                            DeleteRangeRequest.newBuilder()
                                    .setKey(key)
                                    .setRangeEnd(afterPrefix(key)));
        }
        return builder.build();
    }

    static KeyValue keyValue(io.etcd.jetcd.api.KeyValue pair) {
        return new KeyValue(
                pair.getKey().toStringUtf8(),
                pair.getValue().toStringUtf8(),
                pair.getCreateRevision(),
                pair.getModRevision(),
                pair.getVersion(),
                pair.getLease());
    }

    /** The first key after those with this prefix; a zero byte stands for the end of all keys. */
    static ByteString afterPrefix(ByteString prefix) {
        byte[] bytes = prefix.toByteArray();
        for (int i = bytes.length - 1; i >= 0; i--) {
            if (bytes[i] != (byte) 0xFF) {
                bytes[i]++;
                return ByteString.copyFrom(bytes, 0, i + 1);
            }
        }
        return ByteString.copyFrom(new byte[1]);
    }
}
