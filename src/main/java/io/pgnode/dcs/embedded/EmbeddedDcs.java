package io.pgnode.dcs.embedded;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.Future;
import io.pgnode.model.HostPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * An etcd v3 server for one process: key-value, lease and watch services, and what jetcd and
 * etcdctl need besides. Plain TCP, no users: bind it to the loopback interface.
 *
 * <p>An answered write is on disk. Leases survive a restart, with their whole time to live again.
 */
public final class EmbeddedDcs implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(EmbeddedDcs.class);

    /** Keeps a snapshot small: some hours of an idle cluster. */
    private static final int HISTORY = 2_000;

    private static final int MAX_REQUEST_BYTES = 2 << 20;
    private static final long CLOSE_SECONDS = 5;

    private final HostPort listen;
    private final KvEngine engine;
    private final Server server;
    private final EventLoopGroup loop;

    private EmbeddedDcs(HostPort listen, KvEngine engine, Server server, EventLoopGroup loop) {
        this.listen = listen;
        this.engine = engine;
        this.server = server;
        this.loop = loop;
    }

    /**
     * Opens or creates the data directory, and serves it.
     *
     * @throws IOException when the directory or the address is in use, or cannot be used
     */
    public static EmbeddedDcs start(HostPort listen, Path dataDir) throws IOException {
        SecureRandom random = new SecureRandom();
        KvLog.Opened opened =
                KvLog.open(
                        dataDir,
                        HISTORY,
                        () -> random.nextLong(1L << 48, 1L << 62),
                        System.nanoTime());
        KvEngine engine = new KvEngine(opened, System::nanoTime);
        ThreadFactory daemons = Thread.ofPlatform().daemon().name("dcs-server-", 0).factory();
        EventLoopGroup loop = new NioEventLoopGroup(1, daemons);
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(new InetSocketAddress(listen.host(), listen.port()))
                        .channelFactory(NioServerSocketChannel::new)
                        .bossEventLoopGroup(loop)
                        .workerEventLoopGroup(loop)
                        .directExecutor() // handlers only pass requests on to the engine
                        .permitKeepAliveTime(1, TimeUnit.SECONDS)
                        .permitKeepAliveWithoutCalls(true)
                        .maxInboundMessageSize(MAX_REQUEST_BYTES)
                        .addService(new KvService(engine))
                        .addService(new LeaseService(engine).definition())
                        .addService(new WatchService(engine));
        InfoServices.all(engine, listen).forEach(builder::addService);
        engine.start();
        try {
            Server server = builder.build().start();
            LOG.infof("the embedded dcs serves: listen=%s data-dir=%s", listen, dataDir);
            return new EmbeddedDcs(listen, engine, server, loop);
        } catch (IOException e) {
            engine.close();
            Future<?> _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(
                    "cannot listen on "
                            + listen
                            + ": "
                            + cause.getMessage()
                            + "\nHINT: another etcd may be running there; choose another --listen",
                    e);
        }
    }

    /** Where it listens. */
    public HostPort address() {
        return listen;
    }

    /** Completes when it has stopped; with the reason when it was not {@link #close}. */
    public CompletableFuture<@Nullable Void> stopped() {
        return engine.stopped();
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            var _ = server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        engine.close();
        Future<?> _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
