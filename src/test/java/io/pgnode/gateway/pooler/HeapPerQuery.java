package io.pgnode.gateway.pooler;

import com.sun.management.ThreadMXBean;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * How many bytes of heap the pooler's event loops allocate for a query in steady state: clients
 * that are in, servers that are open, statements that are prepared.
 */
public final class HeapPerQuery {
    private static final int CLIENTS = 4;
    private static final int WARM_UP = 6_000;
    private static final int QUERIES = 12_000;

    private HeapPerQuery() {}

    /**
     * @param mode simple or prepared
     */
    public static double bytes(String mode) throws Exception {
        ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        List<WireClient> clients = new ArrayList<>();
        try (PoolerRig rig = PoolerRig.start("pool_size=4", "pool_mode = transaction\n")) {
            for (int i = 0; i < CLIENTS; i++) {
                WireClient client = WireClient.login(rig.port());
                clients.add(client);
                client.send(Wire.parse("s", "SELECT $1::int"), Wire.sync());
                client.untilReady();
            }
            byte[] query =
                    mode.equals("prepared")
                            ? Wire.concat(Wire.bind("s", "5"), Wire.execute(), Wire.sync())
                            : Wire.query("SELECT 5");
            ask(clients, query, WARM_UP);
            long allocated = allocated();
            ask(clients, query, QUERIES);
            return (double) (allocated() - allocated) / QUERIES;
        } finally {
            for (WireClient client : clients) {
                client.close();
            }
            ResourceLeakDetector.setLevel(before);
        }
    }

    /** All at once, so that servers change their clients, and loops wake each other. */
    private static void ask(List<WireClient> clients, byte[] query, int times) throws IOException {
        for (int i = 0; i < times / CLIENTS; i++) {
            for (WireClient client : clients) {
                client.send(query);
            }
            for (WireClient client : clients) {
                client.skipAnswer();
            }
        }
    }

    private static long allocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("pooler-")) {
                sum += threads.getThreadAllocatedBytes(thread.threadId());
            }
        }
        return sum;
    }
}
