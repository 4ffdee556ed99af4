package io.pgnode.dcs.etcd;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.pgnode.model.HostPort;
import java.io.File;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** One server of an etcd cluster with its connection, which is made when it is needed. */
final class EtcdEndpoint {
    private static final int CONNECT_TIMEOUT_MILLIS = 2_000;

    /**
     * etcd hangs up on clients that ping more often than every 5 s; gRPC allows no less than 10.
     */
    private static final long PING_SECONDS = 10;

    private static final long PING_TIMEOUT_SECONDS = 3;

    /** etcd accepts requests of 1.5 MiB; a whole cluster's keys are far less. */
    private static final int MAX_ANSWER_BYTES = 16 << 20;

    private final HostPort address;
    private final ManagedChannel channel;

    /** Order of the latest failure among all endpoints; zero for none. Guarded by the list. */
    long failure;

    private EtcdEndpoint(HostPort address, ManagedChannel channel) {
        this.address = address;
        this.channel = channel;
    }

    static EtcdEndpoint open(
            HostPort address, @Nullable SslContext tls, EventLoopGroup loop, Executor callbacks) {
        NettyChannelBuilder builder =
                NettyChannelBuilder.forAddress(address.host(), address.port())
                        .eventLoopGroup(loop)
                        .channelFactory(NioSocketChannel::new) // by class it would need reflection
                        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                        .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
                        .keepAliveTimeout(PING_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                        .maxInboundMessageSize(MAX_ANSWER_BYTES)
                        .disableRetry() // what is sent again is decided in EtcdCall
                        .executor(callbacks);
        return new EtcdEndpoint(
                address, (tls == null ? builder.usePlaintext() : builder.sslContext(tls)).build());
    }

    static SslContext tls(EtcdSettings.Tls settings) {
        try {
            SslContextBuilder builder =
                    GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK);
            File authorities = file(settings.authorities());
            if (authorities != null) {
                builder.trustManager(authorities);
            }
            File certificate = file(settings.certificate());
            File key = file(settings.key());
            if (certificate != null && key != null) {
                builder.keyManager(certificate, key);
            }
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "cannot read the TLS files for etcd ("
                            + settings.authorities()
                            + ", "
                            + settings.certificate()
                            + ", "
                            + settings.key()
                            + "): "
                            + e.getMessage()
                            + "\nHINT: they must be PEM; the key in PKCS 8 (openssl pkcs8 -topk8 -nocrypt)",
                    e);
        }
    }

    private static @Nullable File file(@Nullable Path path) {
        return path == null ? null : path.toFile();
    }

    HostPort address() {
        return address;
    }

    ManagedChannel channel() {
        return channel;
    }

    /** Connects now instead of when gRPC's growing pause (up to two minutes) has passed. */
    void retryConnecting() {
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            channel.resetConnectBackoff();
        }
    }

    void close() {
        channel.shutdownNow();
    }
}
