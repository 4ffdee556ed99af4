package io.pgnode.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * A change of where a process listens, in two steps. What is missing is opened first, while
 * everything goes on: when one address cannot be had, nothing has changed. Then the listeners that
 * are still wanted go from hand to hand without being closed, so that nobody is refused meanwhile.
 * Blocking; one at a time.
 */
public final class Reservation implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Reservation.class);

    private final EventLoops loops;
    private final Set<SocketAddress> wanted = new LinkedHashSet<>();

    public Reservation(EventLoops loops) {
        this.loops = loops;
    }

    /**
     * Makes sure that somebody can listen there until {@link #close}.
     *
     * @throws IOException names the address
     */
    public void add(SocketAddress address) throws IOException {
        boolean isAny = address instanceof InetSocketAddress tcp && tcp.getPort() == 0;
        if (isAny) {
            return;
        }
        Gate.makeRoom(loops, address);
        Sockets.reserve(loops, address);
        wanted.add(address);
    }

    /** From now on listeners on the wanted addresses that are closed wait for the next. */
    public void begin() {
        loops.listeners().keep(wanted);
    }

    /** What nobody listens on by now is closed. */
    @Override
    public void close() {
        loops.listeners().keep(Set.of());
        for (Path file : loops.listeners().closeUnclaimed()) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                LOG.warnf("cannot delete %s: %s", file, e.getMessage());
            }
        }
    }
}
