package io.pgnode.gateway.pooler;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The clients that one loop owns, in an array, so that a walk over many idle ones is cheap and
 * makes no garbage. Confined to the loop.
 */
final class LoopClients {
    private @Nullable ClientSession[] all = new @Nullable ClientSession[64];
    private int count;
    private ClientTimeouts usual = ClientTimeouts.NONE;
    private Map<String, ClientTimeouts> particular = Map.of();
    private @Nullable PoolerSetup known;

    void add(ClientSession client) {
        if (count == all.length) {
            all = Arrays.copyOf(all, 2 * count);
        }
        client.place(count);
        all[count++] = client;
    }

    /** The last one takes its place. */
    void remove(ClientSession client) {
        int place = client.place();
        if (place < count && all[place] == client) {
            ClientSession last = all[--count];
            all[count] = null;
            if (last != null && last != client) {
                all[place] = last;
                last.place(place);
            }
        }
    }

    int count() {
        return count;
    }

    /** Ends what lasts too long. Backwards, so that clients may leave meanwhile. */
    void expire(PoolerSetup setup, long now) {
        learn(setup);
        for (int i = count - 1; i >= 0; i--) {
            ClientSession client = i < count ? all[i] : null;
            if (client != null) {
                client.expire(limits(client.meter().user()), now);
            }
        }
    }

    private ClientTimeouts limits(String user) {
        return particular.isEmpty() ? usual : particular.getOrDefault(user, usual);
    }

    @SuppressWarnings("ReferenceEquality") // it is replaced as a whole, and comparing costs more
    private void learn(PoolerSetup setup) {
        if (setup != known) {
            known = setup;
            usual = setup.limits().timeouts();
            particular =
                    setup.users().keySet().stream()
                            .collect(Collectors.toMap(name -> name, setup::timeouts));
        }
    }
}
