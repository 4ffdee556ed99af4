package io.pgnode.gateway.pooler;

import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where the servers of a database are: each connection goes to the next host, or to the first one
 * only. Names are looked up aside, by {@link #refresh}, never while somebody connects. Thread-safe.
 */
final class ServerAddresses {
    private static final String DEFAULT_DIRECTORY = "/var/run/postgresql";

    private final List<String> hosts;
    private final int port;
    private final boolean isBalanced;
    private final AtomicInteger next = new AtomicInteger();
    private volatile List<SocketAddress> resolved;

    /**
     * @param hosts names, addresses, socket directories ({@code @} for abstract ones); empty for
     *     the default directory
     * @param isBalanced false to go to the first always
     */
    ServerAddresses(List<String> hosts, int port, boolean isBalanced) {
        this.hosts = hosts.isEmpty() ? List.of(DEFAULT_DIRECTORY) : List.copyOf(hosts);
        this.port = port;
        this.isBalanced = isBalanced;
        this.resolved = List.of();
    }

    static ServerAddresses of(SocketAddress address) {
        ServerAddresses result = new ServerAddresses(List.of(), 0, false);
        result.resolved = List.of(address);
        return result;
    }

    List<String> hosts() {
        return hosts;
    }

    int port() {
        return port;
    }

    /** Whether it is one socket directory. */
    boolean isSocket() {
        return hosts.size() == 1 && isSocketDirectory(hosts.getFirst());
    }

    /** Looks names up again. Blocking; a name that is not found keeps its last addresses. */
    void refresh() {
        List<SocketAddress> found = new ArrayList<>();
        boolean isComplete = true;
        for (String host : hosts) {
            if (isSocketDirectory(host)) {
                found.add(socket(host));
                continue;
            }
            try {
                for (InetAddress address : InetAddress.getAllByName(host)) {
                    found.add(new InetSocketAddress(address, port));
                }
            } catch (UnknownHostException e) {
                isComplete = false;
                found.add(InetSocketAddress.createUnresolved(host, port));
            }
        }
        if (isComplete || resolved.isEmpty()) {
            resolved = List.copyOf(found);
        }
    }

    /** Whether there is a name that may come to mean another address. */
    boolean hasNames() {
        return hosts.stream()
                .anyMatch(host -> !isSocketDirectory(host) && !host.matches("[0-9.]+|.*:.*"));
    }

    private static boolean isSocketDirectory(String host) {
        return host.startsWith("/") || host.startsWith("@");
    }

    private DomainSocketAddress socket(String directory) {
        String path = directory + "/.s.PGSQL." + port;
        return new DomainSocketAddress(path.startsWith("@") ? '\0' + path.substring(1) : path);
    }

    /** The address of the next connection. */
    SocketAddress next() {
        List<SocketAddress> now = resolved;
        if (now.isEmpty()) {
            return InetSocketAddress.createUnresolved(hosts.getFirst(), port);
        }
        return now.get(isBalanced ? Math.floorMod(next.getAndIncrement(), now.size()) : 0);
    }

    /** For those who only want to name it. */
    SocketAddress first() {
        List<SocketAddress> now = resolved;
        return now.isEmpty()
                ? InetSocketAddress.createUnresolved(hosts.getFirst(), port)
                : now.getFirst();
    }

    /** Whether it says the same, whatever it has been resolved to. */
    boolean isSameAs(ServerAddresses other) {
        return hosts.equals(other.hosts) && port == other.port && isBalanced == other.isBalanced;
    }

    @Override
    public String toString() {
        return String.join(",", hosts) + ":" + port;
    }
}
