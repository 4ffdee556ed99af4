package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Accounts, and a ledger with one row for each transfer that happened. Remembers what clients were
 * told, and finds out whether it was true. Thread-safe.
 */
final class ChaosBank {
    private static final int ACCOUNTS = 200;
    private static final long START = 1000;

    /** What a client knows of its transfer. */
    enum Known {
        /** It was told so. */
        COMMITTED,
        /** It never asked for a COMMIT. */
        NOT_COMMITTED,
        /** It asked, and got no answer. */
        UNSURE
    }

    /** From one account to another one. */
    record Transfer(long id, int from, int to, int amount) {
        String debit() {
            return "UPDATE accounts SET balance = balance - " + amount + " WHERE id = " + from;
        }

        String credit() {
            return "UPDATE accounts SET balance = balance + " + amount + " WHERE id = " + to;
        }

        /** Returns the id, so that nobody takes another one's answer for his own. */
        String entry() {
            return "INSERT INTO ledger VALUES (" + id + ") RETURNING id";
        }
    }

    private final AtomicLong nextId = new AtomicLong();
    private final Map<Long, Known> outcomes = new ConcurrentHashMap<>();

    void open(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL)");
            statement.execute("CREATE TABLE ledger (id bigint PRIMARY KEY)");
            statement.execute(
                    "INSERT INTO accounts SELECT i, "
                            + START
                            + " FROM generate_series(1, "
                            + ACCOUNTS
                            + ") i");
        }
    }

    /** Always from the lower to the higher number, so that nobody locks in another order. */
    Transfer next(Random random) {
        int from = 1 + random.nextInt(ACCOUNTS - 1);
        int to = from + 1 + random.nextInt(ACCOUNTS - from);
        return new Transfer(nextId.incrementAndGet(), from, to, random.nextInt(10));
    }

    void learned(Transfer transfer, Known known) {
        outcomes.put(transfer.id(), known);
    }

    long count(Known known) {
        return outcomes.values().stream().filter(known::equals).count();
    }

    /** The sum is what it was, and the ledger what the clients were told. */
    void audit(Connection connection) throws SQLException {
        Set<Long> entries = new HashSet<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("SELECT sum(balance) FROM accounts")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getLong(1)).as("sum of balances").isEqualTo(ACCOUNTS * START);
            }
            try (ResultSet rows = statement.executeQuery("SELECT id FROM ledger")) {
                while (rows.next()) {
                    entries.add(rows.getLong(1));
                }
            }
        }
        Set<Long> lost = new HashSet<>();
        Set<Long> ghosts = new HashSet<>(entries);
        outcomes.forEach(
                (id, known) -> {
                    if (known == Known.COMMITTED && !entries.contains(id)) {
                        lost.add(id);
                    }
                    if (known != Known.NOT_COMMITTED) {
                        ghosts.remove(id);
                    }
                });
        assertThat(lost).as("committed, but not in the ledger").isEmpty();
        assertThat(ghosts).as("in the ledger, but nobody asked to commit").isEmpty();
    }
}
