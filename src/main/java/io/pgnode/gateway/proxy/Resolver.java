package io.pgnode.gateway.proxy;

import io.netty.util.NetUtil;
import io.pgnode.model.HostPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** Finds the addresses of host names off the event loops, and keeps them a while. Thread-safe. */
final class Resolver {
    private static final Duration KEPT = Duration.ofSeconds(15);

    private record Known(InetAddress address, long untilNanos) {}

    private final LongSupplier nanos;
    private final Executor blocking;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    Resolver(LongSupplier nanos, Executor blocking) {
        this.nanos = nanos;
        this.blocking = blocking;
    }

    CompletableFuture<InetSocketAddress> resolve(HostPort where) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(where.host());
        if (literal != null) {
            return CompletableFuture.completedFuture(
                    new InetSocketAddress(where.host(), where.port()));
        }
        Known found = known.get(where.host());
        if (found != null && nanos.getAsLong() - found.untilNanos() < 0) {
            return CompletableFuture.completedFuture(
                    new InetSocketAddress(found.address(), where.port()));
        }
        CompletableFuture<InetSocketAddress> result = new CompletableFuture<>();
        blocking.execute(
                () -> {
                    try {
                        InetAddress address = InetAddress.getByName(where.host());
                        known.put(
                                where.host(),
                                new Known(address, nanos.getAsLong() + KEPT.toNanos()));
                        result.complete(new InetSocketAddress(address, where.port()));
                    } catch (UnknownHostException e) {
                        result.completeExceptionally(e);
                    }
                });
        return result;
    }
}
