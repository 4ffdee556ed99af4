package io.pgnode.dcs.embedded;

import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmResponse;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.Member;
import io.etcd.jetcd.api.MemberListRequest;
import io.etcd.jetcd.api.MemberListResponse;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.grpc.BindableService;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.pgnode.model.HostPort;
import java.util.List;

/** What clients ask about the server itself: one member, always the leader, no users. */
final class InfoServices {
    /** The protocol's version that we answer like. */
    private static final String VERSION = "3.4.0";

    private InfoServices() {}

    static List<BindableService> all(KvEngine engine, HostPort address) {
        return List.of(new Cluster(engine, address), new Maintenance(engine), new Auth());
    }

    private static final class Cluster extends ClusterGrpc.ClusterImplBase {
        private final KvEngine engine;
        private final HostPort address;

        Cluster(KvEngine engine, HostPort address) {
            this.engine = engine;
            this.address = address;
        }

        @Override
        public void memberList(
                MemberListRequest request, StreamObserver<MemberListResponse> client) {
            engine.submit(
                    new EngineCall<>(client) {
                        @Override
                        MemberListResponse handle(
                                KvState state, long nowNanos, List<KvRecord> changes) {
                            return MemberListResponse.newBuilder()
                                    .setHeader(EtcdMessages.header(state.revision()))
                                    .addMembers(
                                            Member.newBuilder()
                                                    .setID(EtcdMessages.MEMBER_ID)
                                                    .setName("pgnode")
                                                    .addClientURLs("http://" + address))
                                    .build();
                        }
                    });
        }
    }

    private static final class Maintenance extends MaintenanceGrpc.MaintenanceImplBase {
        private final KvEngine engine;

        Maintenance(KvEngine engine) {
            this.engine = engine;
        }

        @Override
        public void status(StatusRequest request, StreamObserver<StatusResponse> client) {
            engine.submit(
                    new EngineCall<>(client) {
                        @Override
                        StatusResponse handle(
                                KvState state, long nowNanos, List<KvRecord> changes) {
                            return StatusResponse.newBuilder()
                                    .setHeader(EtcdMessages.header(state.revision()))
                                    .setVersion(VERSION)
                                    .setLeader(EtcdMessages.MEMBER_ID)
                                    .setRaftIndex(state.revision())
                                    .setRaftTerm(1)
                                    .build();
                        }
                    });
        }

        @Override
        public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> client) {
            engine.submit(
                    new EngineCall<>(client) {
                        @Override
                        AlarmResponse handle(KvState state, long nowNanos, List<KvRecord> changes) {
                            return AlarmResponse.newBuilder()
                                    .setHeader(EtcdMessages.header(state.revision()))
                                    .build();
                        }
                    });
        }
    }

    private static final class Auth extends AuthGrpc.AuthImplBase {
        @Override
        public void authenticate(
                AuthenticateRequest request, StreamObserver<AuthenticateResponse> client) {
            client.onError(
                    Status.FAILED_PRECONDITION
                            .withDescription("etcdserver: authentication is not enabled")
                            .asRuntimeException());
        }
    }
}
