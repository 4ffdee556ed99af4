package io.pgnode.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Results of 8 MB in rows of 8 kB, which PostgreSQL sends from its cache as fast as it can, to one
 * client that throws them away: so it is the way in between that limits. (One value of 8 MB made by
 * a function takes the server itself longer than any proxy.)
 *
 * @param megabytesPerSecond of result
 * @param cpuMillis of the processes in between, for one result
 */
record BulkReads(double megabytesPerSecond, double cpuMillis) {
    private static final int ROWS = 1_000;
    private static final int ROW_BYTES = 8_000;
    private static final int BUFFER = 256 * 1024;

    /** Makes the table, through any way to the server; its values are stored as they are sent. */
    static void prepare(int port) throws IOException {
        ByteBuffer scratch = ByteBuffer.allocateDirect(BUFFER);
        try (PlainClient client = new PlainClient(port, "127.0.0.1", scratch)) {
            for (String sql :
                    List.of(
                            "CREATE TABLE bulk (v text)",
                            "ALTER TABLE bulk ALTER v SET STORAGE PLAIN",
                            "INSERT INTO bulk SELECT repeat('x', %d) FROM generate_series(1, %d)"
                                    .formatted(ROW_BYTES, ROWS),
                            "VACUUM bulk")) {
                var _ = client.ask(sql, scratch);
            }
        }
    }

    /** Asks again and again. */
    static BulkReads of(GatewayRig.Way way, int seconds) throws IOException {
        ByteBuffer scratch = ByteBuffer.allocateDirect(BUFFER);
        try (PlainClient client = new PlainClient(way.port(), "127.0.0.1", scratch)) {
            long cpu = ProcessorTime.micros(way.processes());
            long start = System.nanoTime();
            long end = start + seconds * 1_000_000_000L;
            int results = 0;
            while (System.nanoTime() < end) {
                long bytes = client.ask("SELECT v FROM bulk", scratch);
                if (bytes < (long) ROWS * ROW_BYTES) {
                    throw new IOException("a result of " + bytes + " bytes");
                }
                results++;
            }
            double took = (System.nanoTime() - start) / 1e9;
            double used = (ProcessorTime.micros(way.processes()) - cpu) / 1e3;
            return new BulkReads((double) ROWS * ROW_BYTES / 1e6 * results / took, used / results);
        }
    }
}
