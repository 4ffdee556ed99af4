package io.pgnode.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Clients that stay connected and make transfers of three statements all the time. Remembers each
 * error, and for how long the unluckiest client waited for one transfer.
 */
public final class TransferLoad implements AutoCloseable {
    private static final int ACCOUNTS = 1000;
    private static final int PAUSE_MILLIS = 20;

    /**
     * What clients saw.
     *
     * @param transfers that were committed
     * @param inside errors of clients that were in a transaction
     * @param outside errors of the others
     * @param longestSeconds for a transfer
     */
    public record Seen(
            long transfers, List<String> inside, List<String> outside, double longestSeconds) {}

    private final List<String> urls;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLongArray begun;
    private final AtomicLong transfers = new AtomicLong();
    private final AtomicLong longestNanos = new AtomicLong();
    private final ConcurrentLinkedQueue<String> inside = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> outside = new ConcurrentLinkedQueue<>();
    private volatile boolean isOver;

    private TransferLoad(List<String> urls, int clients) {
        this.urls = List.copyOf(urls);
        this.begun = new AtomicLongArray(clients);
    }

    /** Makes the accounts, through any way to the primary. */
    public static void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS transfer_accounts");
            statement.execute(
                    "CREATE TABLE transfer_accounts AS SELECT i AS id, 1000::bigint AS balance FROM"
                            + " generate_series(1, "
                            + ACCOUNTS
                            + ") i");
            statement.execute("ALTER TABLE transfer_accounts ADD PRIMARY KEY (id)");
        }
    }

    /** Whether no money was lost, or made. */
    public static boolean isSumRight(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT sum(balance) FROM transfer_accounts")) {
            return rows.next() && rows.getLong(1) == ACCOUNTS * 1000L;
        }
    }

    /**
     * @param urls with user and password; clients are spread over them
     */
    public static TransferLoad start(List<String> urls, int clients) {
        TransferLoad load = new TransferLoad(urls, clients);
        for (int i = 0; i < clients; i++) {
            int number = i;
            load.threads.add(Thread.ofPlatform().daemon().start(() -> load.work(number)));
        }
        Waiting.until(
                Duration.ofSeconds(60),
                () -> "all clients work: " + load.inside + load.outside,
                () -> load.transfers.get() > 4L * clients);
        load.forget();
        return load;
    }

    /** From now on counts. */
    public void forget() {
        longestNanos.set(0);
        inside.clear();
        outside.clear();
        transfers.set(0);
    }

    /** What was seen since {@link #forget}, transfers that are under way included. */
    public Seen seen() {
        long now = System.nanoTime();
        long longest = longestNanos.get();
        for (int i = 0; i < begun.length(); i++) {
            long start = begun.get(i);
            longest = start == 0 ? longest : Math.max(longest, now - start);
        }
        return new Seen(transfers.get(), List.copyOf(inside), List.copyOf(outside), longest / 1e9);
    }

    private void work(int number) {
        Random random = new Random(number);
        while (!isOver) {
            try (Connection connection =
                    DriverManager.getConnection(urls.get(number % urls.size()))) {
                connection.setAutoCommit(false);
                transferOn(connection, number, random);
            } catch (SQLException e) {
                outside.add(String.valueOf(e.getMessage()));
                Waiting.pause(50);
            }
        }
    }

    /** Until there is an error. */
    private void transferOn(Connection connection, int number, Random random) {
        while (!isOver) {
            int from = 1 + random.nextInt(ACCOUNTS - 1);
            int to = from + 1 + random.nextInt(ACCOUNTS - from);
            long start = System.nanoTime();
            begun.set(number, start);
            boolean isInside = false;
            try (Statement statement = connection.createStatement()) {
                // With its BEGIN in front: until this is answered there is no transaction.
                statement.executeUpdate(
                        "UPDATE transfer_accounts SET balance = balance - 1 WHERE id = " + from);
                isInside = true;
                statement.executeUpdate(
                        "UPDATE transfer_accounts SET balance = balance + 1 WHERE id = " + to);
                statement
                        .executeQuery("SELECT balance FROM transfer_accounts WHERE id = " + to)
                        .close();
                connection.commit();
                transfers.incrementAndGet();
            } catch (SQLException e) {
                (isInside ? inside : outside).add(e.getSQLState() + " " + e.getMessage());
                return;
            } finally {
                long took = System.nanoTime() - start;
                longestNanos.accumulateAndGet(took, Math::max);
                begun.set(number, 0);
            }
            Waiting.pause(PAUSE_MILLIS);
        }
    }

    @Override
    public void close() {
        isOver = true;
        for (Thread thread : threads) {
            try {
                thread.join(30_000);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
