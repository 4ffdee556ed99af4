package io.pgnode.dcs.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Our proof of identity for each request: a token that etcd gives for user and password. Without a
 * user there is none. Thread-safe.
 */
final class EtcdTokens {
    private static final Metadata.Key<String> TOKEN =
            Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    /** A server that has lost its cluster refuses at once instead of keeping us waiting. */
    private static final Metadata.Key<String> REQUIRE_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private final @Nullable String user;
    private final @Nullable String password;
    private final AtomicReference<@Nullable String> token = new AtomicReference<>();

    EtcdTokens(EtcdSettings settings) {
        this.user = settings.user();
        this.password = settings.password();
    }

    boolean isNeeded() {
        return user != null && token.get() == null;
    }

    boolean isUsed() {
        return user != null;
    }

    @Nullable String current() {
        return token.get();
    }

    /** Forgets the token unless another one came meanwhile. */
    void forget(@Nullable String stale) {
        token.compareAndSet(stale, null);
    }

    Channel with(Channel channel) {
        Metadata headers = new Metadata();
        headers.put(REQUIRE_LEADER, "true");
        String current = token.get();
        if (current != null && !current.isEmpty()) {
            headers.put(TOKEN, current);
        }
        return ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    /** Asks {@code endpoint} for a token; {@code done} gets OK or why there is none. */
    void fetch(EtcdEndpoint endpoint, long timeoutNanos, Consumer<Status> done) {
        AuthenticateRequest request =
                AuthenticateRequest.newBuilder()
                        .setNameBytes(ByteString.copyFromUtf8(user == null ? "" : user))
                        .setPasswordBytes(ByteString.copyFromUtf8(password == null ? "" : password))
                        .build();
        CallOptions options =
                CallOptions.DEFAULT.withDeadlineAfter(timeoutNanos, TimeUnit.NANOSECONDS);
        ClientCalls.asyncUnaryCall(
                endpoint.channel().newCall(AuthGrpc.getAuthenticateMethod(), options),
                request,
                new StreamObserver<AuthenticateResponse>() {
                    @Override
                    public void onNext(AuthenticateResponse answer) {
                        token.set(answer.getToken());
                    }

                    @Override
                    public void onError(Throwable failure) {
                        Status status = Status.fromThrowable(failure);
                        if (String.valueOf(status.getDescription()).contains("not enabled")) {
                            token.set(""); // the server wants none
                            done.accept(Status.OK);
                        } else {
                            done.accept(status);
                        }
                    }

                    @Override
                    public void onCompleted() {
                        done.accept(Status.OK);
                    }
                });
    }
}
