package io.pgnode.dcs.embedded;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseRevokeResponse;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** etcd's Lease service, with the listing of leases that jetcd's protocol files lack. */
final class LeaseService extends LeaseGrpc.LeaseImplBase {
    private static final long MAX_TTL_SECONDS = 9_000_000_000L;
    private static final long GONE = -1;

    /** LeaseLeasesResponse.leases, and LeaseStatus.ID in it. */
    private static final int FIELD_LEASES = 2;

    private static final int FIELD_ID = 1;

    private final KvEngine engine;

    LeaseService(KvEngine engine) {
        this.engine = engine;
    }

    /** All methods, LeaseLeases included. */
    ServerServiceDefinition definition() {
        ServerServiceDefinition.Builder definition =
                ServerServiceDefinition.builder(LeaseGrpc.SERVICE_NAME);
        for (ServerMethodDefinition<?, ?> method : bindService().getMethods()) {
            definition.addMethod(method);
        }
        // Messages of the same shape: an empty request, a header in the answer. The rest is
        // added as fields that these types do not know.
        MethodDescriptor<LeaseGrantRequest, LeaseRevokeResponse> leases =
                MethodDescriptor.<LeaseGrantRequest, LeaseRevokeResponse>newBuilder()
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName(
                                MethodDescriptor.generateFullMethodName(
                                        LeaseGrpc.SERVICE_NAME, "LeaseLeases"))
                        .setRequestMarshaller(
                                ProtoUtils.marshaller(LeaseGrantRequest.getDefaultInstance()))
                        .setResponseMarshaller(
                                ProtoUtils.marshaller(LeaseRevokeResponse.getDefaultInstance()))
                        .build();
        return definition.addMethod(leases, ServerCalls.asyncUnaryCall(this::leases)).build();
    }

    private void leases(LeaseGrantRequest request, StreamObserver<LeaseRevokeResponse> client) {
        engine.submit(
                new EngineCall<>(client) {
                    @Override
                    LeaseRevokeResponse handle(
                            KvState state, long nowNanos, List<KvRecord> changes) {
                        UnknownFieldSet.Field.Builder leases = UnknownFieldSet.Field.newBuilder();
                        for (long id : state.leaseIds()) {
                            ByteString lease =
                                    UnknownFieldSet.newBuilder()
                                            .addField(
                                                    FIELD_ID,
                                                    UnknownFieldSet.Field.newBuilder()
                                                            .addVarint(id)
                                                            .build())
                                            .build()
                                            .toByteString();
                            leases.addLengthDelimited(lease);
                        }
                        return LeaseRevokeResponse.newBuilder()
                                .setHeader(EtcdMessages.header(state.revision()))
                                .setUnknownFields(
                                        UnknownFieldSet.newBuilder()
                                                .addField(FIELD_LEASES, leases.build())
                                                .build())
                                .build();
                    }
                });
    }

    @Override
    public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> client) {
        engine.submit(
                new EngineCall<>(client) {
                    @Override
                    LeaseGrantResponse handle(
                            KvState state, long nowNanos, List<KvRecord> changes) {
                        long seconds = request.getTTL();
                        if (seconds < 1 || seconds > MAX_TTL_SECONDS) {
                            throw EtcdMessages.invalid("lease TTL out of range: " + seconds);
                        }
                        long ttl = TimeUnit.SECONDS.toNanos(seconds);
                        long id = state.grant(request.getID(), ttl, nowNanos);
                        changes.add(new KvRecord.Grant(id, ttl, state.nextLeaseId()));
                        return LeaseGrantResponse.newBuilder()
                                .setHeader(EtcdMessages.header(state.revision()))
                                .setID(id)
                                .setTTL(seconds)
                                .build();
                    }
                });
    }

    @Override
    public void leaseRevoke(
            LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> client) {
        engine.submit(
                new EngineCall<>(client) {
                    @Override
                    LeaseRevokeResponse handle(
                            KvState state, long nowNanos, List<KvRecord> changes) {
                        KvEngine.note(state.revoke(request.getID()), changes);
                        return LeaseRevokeResponse.newBuilder()
                                .setHeader(EtcdMessages.header(state.revision()))
                                .build();
                    }
                });
    }

    @Override
    public void leaseTimeToLive(
            LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> client) {
        engine.submit(
                new EngineCall<>(client) {
                    @Override
                    LeaseTimeToLiveResponse handle(
                            KvState state, long nowNanos, List<KvRecord> changes) {
                        return timeToLive(request, state, nowNanos);
                    }
                });
    }

    private static LeaseTimeToLiveResponse timeToLive(
            LeaseTimeToLiveRequest request, KvState state, long nowNanos) {
        LeaseTimeToLiveResponse.Builder answer =
                LeaseTimeToLiveResponse.newBuilder()
                        .setHeader(EtcdMessages.header(state.revision()))
                        .setID(request.getID())
                        .setTTL(GONE);
        if (!state.leaseIds().contains(request.getID())) {
            return answer.build();
        }
        KvState.LeaseView lease = state.lease(request.getID(), nowNanos);
        answer.setTTL(TimeUnit.NANOSECONDS.toSeconds(lease.remainingNanos()))
                .setGrantedTTL(TimeUnit.NANOSECONDS.toSeconds(lease.ttlNanos()));
        if (request.getKeys()) {
            lease.keys().forEach(key -> answer.addKeys(ByteString.copyFrom(key.array())));
        }
        return answer.build();
    }

    @Override
    public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
            StreamObserver<LeaseKeepAliveResponse> client) {
        EngineCall.ignoreCancellation(client);
        return new StreamObserver<>() {
            @Override
            public void onNext(LeaseKeepAliveRequest request) {
                engine.submit(new Renewal(request.getID(), client));
            }

            @Override
            public void onError(Throwable failure) {
                // The client is gone.
            }

            @Override
            public void onCompleted() {
                engine.submit(new EndOfStream<>(client)); // after the answers before it
            }
        };
    }

    private record Renewal(long leaseId, StreamObserver<LeaseKeepAliveResponse> client)
            implements KvEngine.Request {
        @Override
        public Runnable apply(KvState state, long nowNanos, List<KvRecord> changes) {
            long seconds;
            try {
                seconds =
                        TimeUnit.NANOSECONDS.toSeconds(
                                state.keepAlive(leaseId, nowNanos).ttlNanos());
            } catch (KvException e) {
                seconds = 0; // etcd's way to say that it is gone
            }
            LeaseKeepAliveResponse answer =
                    LeaseKeepAliveResponse.newBuilder()
                            .setHeader(EtcdMessages.header(state.revision()))
                            .setID(leaseId)
                            .setTTL(seconds)
                            .build();
            return () -> client.onNext(answer);
        }

        @Override
        public void fail() {
            client.onError(EngineCall.stopping());
        }
    }

    private record EndOfStream<R>(StreamObserver<R> client) implements KvEngine.Request {
        @Override
        public Runnable apply(KvState state, long nowNanos, List<KvRecord> changes) {
            return client::onCompleted;
        }

        @Override
        public void fail() {
            client.onError(EngineCall.stopping());
        }
    }
}
