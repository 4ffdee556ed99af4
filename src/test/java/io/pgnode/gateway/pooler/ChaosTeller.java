package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.ChaosBank.Known;
import io.pgnode.gateway.pooler.ChaosBank.Transfer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Random;

/** One connection that makes transfers, in one of several ways. For one thread, but for kill. */
sealed interface ChaosTeller extends AutoCloseable {
    /** How it talks. */
    enum Way {
        JDBC_SIMPLE,
        JDBC_EXTENDED,
        RAW_SIMPLE,
        RAW_ONE_QUERY,
        RAW_PIPELINE
    }

    static ChaosTeller open(Way way, int port, Random random) throws SQLException, IOException {
        return switch (way) {
            case JDBC_SIMPLE -> new Jdbc(port, "&preferQueryMode=simple", random);
            case JDBC_EXTENDED -> new Jdbc(port, "&prepareThreshold=1", random);
            case RAW_SIMPLE, RAW_ONE_QUERY, RAW_PIPELINE -> new Raw(way, port, random);
        };
    }

    /**
     * Makes a transfer and tells the bank what is known of it.
     *
     * @param dies somewhere on the way the connection is cut
     * @return false when the connection is of no more use
     */
    boolean make(Transfer transfer, ChaosBank bank, boolean dies) throws SQLException, IOException;

    /** Cuts the connection; from any thread. */
    void kill();

    @Override
    void close() throws SQLException, IOException;

    /** PgJDBC. */
    final class Jdbc implements ChaosTeller {
        private final Connection connection;
        private final Random random;

        Jdbc(int port, String options, Random random) throws SQLException {
            this.random = random;
            String reset =
                    random.nextBoolean()
                            ? "&socketFactory=" + ResettingSockets.class.getName()
                            : "";
            connection =
                    DriverManager.getConnection(
                            "jdbc:postgresql://127.0.0.1:"
                                    + port
                                    + "/postgres?sslmode=disable&connectTimeout=10&socketTimeout=40"
                                    + "&ApplicationName=teller"
                                    + random.nextInt(3)
                                    + options
                                    + reset,
                            "somebody",
                            "");
            connection.setAutoCommit(false);
        }

        @Override
        public boolean make(Transfer transfer, ChaosBank bank, boolean dies) throws SQLException {
            int death = dies ? random.nextInt(4) : -1;
            Known known = Known.NOT_COMMITTED;
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate(transfer.debit());
                if (death == 0) {
                    kill();
                }
                statement.executeUpdate(transfer.credit());
                if (death == 1) {
                    kill();
                }
                try (ResultSet rows = statement.executeQuery(transfer.entry())) {
                    if (!rows.next() || rows.getLong(1) != transfer.id()) {
                        throw new AssertionError("another one's answer");
                    }
                }
                if (death == 2) {
                    kill();
                }
                if (random.nextInt(20) == 0) {
                    connection.rollback();
                    return true;
                }
                known = Known.UNSURE;
                connection.commit();
                known = Known.COMMITTED;
                if (death == 3) {
                    kill();
                    return false;
                }
                return true;
            } finally {
                bank.learned(transfer, known);
            }
        }

        @Override
        public void kill() {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }

    /** The protocol by hand. */
    final class Raw implements ChaosTeller {
        private final Way way;
        private final Random random;
        private final WireClient client;
        private final boolean resets;
        private boolean isPrepared;

        Raw(Way way, int port, Random random) throws IOException {
            this.way = way;
            this.random = random;
            this.resets = random.nextBoolean();
            this.client = WireClient.login(port, "application_name", "raw" + random.nextInt(3));
        }

        @Override
        public boolean make(Transfer transfer, ChaosBank bank, boolean dies) throws IOException {
            return switch (way) {
                case RAW_SIMPLE -> simple(transfer, bank, dies);
                case RAW_ONE_QUERY -> batch(oneQuery(transfer), transfer, bank, dies);
                default -> batch(pipeline(transfer), transfer, bank, dies);
            };
        }

        private boolean simple(Transfer transfer, ChaosBank bank, boolean dies) throws IOException {
            String[] steps = {
                "BEGIN", transfer.debit(), transfer.credit(), transfer.entry(), "COMMIT"
            };
            int death = dies ? random.nextInt(steps.length) : -1;
            Known known = Known.NOT_COMMITTED;
            try {
                for (int i = 0; i < steps.length; i++) {
                    byte[] step = Wire.query(steps[i]);
                    if (i == death) {
                        client.send(Arrays.copyOf(step, random.nextInt(step.length)));
                        kill();
                        return false;
                    }
                    known = i == steps.length - 1 ? Known.UNSURE : known;
                    client.sendInPieces(random, 1 + random.nextInt(3), step);
                    check(client.untilReady(), i, transfer);
                }
                known = Known.COMMITTED;
                return true;
            } finally {
                bank.learned(transfer, known);
            }
        }

        private static void check(WireClient.Reply reply, int step, Transfer transfer) {
            String wanted =
                    switch (step) {
                        case 0 -> "BEGIN";
                        case 1, 2 -> "UPDATE 1";
                        case 3 -> "INSERT 0 1";
                        default -> "COMMIT";
                    };
            boolean isRight = reply.commands().equals(java.util.List.of(wanted));
            if (!isRight || step == 3 && !reply.value().equals("" + transfer.id())) {
                throw new AssertionError("wrong answer to step " + step + ": " + reply);
            }
        }

        private static byte[] oneQuery(Transfer transfer) {
            return Wire.query(
                    String.join(
                            ";",
                            "BEGIN",
                            transfer.debit(),
                            transfer.credit(),
                            transfer.entry(),
                            "COMMIT"));
        }

        /** With named statements, one Sync at the end. */
        private byte[] pipeline(Transfer transfer) {
            byte[] parses =
                    isPrepared
                            ? new byte[0]
                            : Wire.concat(
                                    Wire.parse("b", "BEGIN"),
                                    Wire.parse(
                                            "u",
                                            "UPDATE accounts SET balance = balance + $1::int WHERE"
                                                    + " id = $2::int"),
                                    Wire.parse(
                                            "l",
                                            "INSERT INTO ledger VALUES ($1::bigint) RETURNING id"),
                                    Wire.parse("c", "COMMIT"));
            return Wire.concat(
                    parses,
                    Wire.bind("b"),
                    Wire.execute(),
                    Wire.bind("u", "-" + transfer.amount(), "" + transfer.from()),
                    Wire.execute(),
                    Wire.bind("u", "" + transfer.amount(), "" + transfer.to()),
                    Wire.execute(),
                    Wire.bind("l", "" + transfer.id()),
                    Wire.execute(),
                    Wire.bind("c"),
                    Wire.execute(),
                    Wire.sync());
        }

        private boolean batch(byte[] all, Transfer transfer, ChaosBank bank, boolean dies)
                throws IOException {
            Known known = Known.UNSURE;
            try {
                if (dies && random.nextBoolean()) {
                    // Without the last byte of its last message nothing is committed by a query;
                    // a pipeline may have brought its COMMIT.
                    client.send(Arrays.copyOf(all, random.nextInt(all.length)));
                    known = way == Way.RAW_ONE_QUERY ? Known.NOT_COMMITTED : Known.UNSURE;
                    kill();
                    return false;
                }
                client.sendInPieces(random, 1 + random.nextInt(4), all);
                if (dies) {
                    kill();
                    return false;
                }
                WireClient.Reply reply = client.untilReady();
                if (!reply.commands().getLast().equals("COMMIT")
                        || reply.commands().size() != 5
                        || !reply.values().equals(java.util.List.of("" + transfer.id()))) {
                    throw new AssertionError("wrong answer: " + reply);
                }
                isPrepared = true;
                known = Known.COMMITTED;
                return true;
            } finally {
                bank.learned(transfer, known);
            }
        }

        @Override
        public void kill() {
            try {
                if (resets) {
                    client.reset();
                } else {
                    client.close();
                }
            } catch (IOException _) {
                // It was killed before.
            }
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }
}
