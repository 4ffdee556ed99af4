package io.pgnode.gateway;

import io.netty.channel.unix.DomainSocketAddress;
import io.pgnode.config.GatewayConfig;
import io.pgnode.config.Passwords;
import io.pgnode.config.Secret;
import io.pgnode.gateway.stats.CliSocket;
import io.pgnode.gateway.stats.Desk;
import io.pgnode.gateway.stats.StatsServer;
import io.pgnode.gateway.stats.StatsSettings;
import io.pgnode.metrics.MetricSource;
import io.pgnode.net.EventLoops;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The two ways to the statistics: HTTP, and HAProxy's command socket. Blocking; one at a time. */
final class Statistics implements AutoCloseable {
    /**
     * What they should be like.
     *
     * @param socket path of the command socket
     */
    record Wanted(StatsSettings http, Optional<Path> socket) {
        /** Reads password files. */
        static Wanted of(GatewayConfig.StatsConfig config) throws IOException {
            return new Wanted(
                    new StatsSettings(
                            config.listen(),
                            config.port(),
                            login(config.admin()),
                            login(config.reader()),
                            (int) config.refresh().toSeconds()),
                    config.socket());
        }

        private static StatsSettings.@Nullable Login login(GatewayConfig.StatsLogin login)
                throws IOException {
            if (login.username().isEmpty()) {
                return null;
            }
            String password = Passwords.read(login).map(Secret::reveal).orElse("");
            return new StatsSettings.Login(login.username().get(), password);
        }

        List<SocketAddress> addresses() {
            List<SocketAddress> result = new ArrayList<>();
            result.add(StatsServer.address(http));
            socket.ifPresent(path -> result.add(new DomainSocketAddress(path.toFile())));
            return result;
        }

        private boolean isElsewhere(Wanted before) {
            return !addresses().equals(before.addresses());
        }
    }

    private final EventLoops dataLoops;
    private final EventLoops loops;
    private final Desk desk;
    private final StatsServer server;
    private @Nullable CliSocket commands;
    private Wanted now;

    /**
     * @param dataLoops whose listeners these are, too; the statistics have a loop of their own,
     *     since a page takes longer than a query may wait
     */
    Statistics(
            Wanted wanted,
            EventLoops dataLoops,
            Desk desk,
            MetricSource metrics,
            SecureRandom random) {
        this.now = wanted;
        this.dataLoops = dataLoops;
        this.loops = new EventLoops("statistics", 1, dataLoops.listeners());
        this.desk = desk;
        this.server = new StatsServer(loops, wanted.http(), desk, metrics, random);
    }

    /** Listens. */
    void open() throws IOException {
        try {
            server.open();
            Optional<Path> path = now.socket();
            if (path.isPresent()) {
                commands = CliSocket.open(dataLoops, path.get(), desk);
            }
        } catch (IOException e) {
            throw new IOException("the statistics " + e.getMessage(), e);
        }
    }

    /** Stops listening when the new ones are to be elsewhere. */
    void stopListening(Wanted next) {
        if (next.isElsewhere(now)) {
            stopListening();
        }
    }

    /** Takes no new connections. */
    void stopListening() {
        server.close();
        CliSocket open = commands;
        if (open != null) {
            open.close();
        }
        commands = null;
    }

    /** From now on they are so; after {@link #stopListening(Wanted)}. */
    void use(Wanted next) throws IOException {
        boolean isElsewhere = next.isElsewhere(now);
        now = next;
        server.reload(next.http());
        if (isElsewhere) {
            open();
        }
    }

    @Override
    public void close() {
        stopListening();
        loops.close();
    }
}
