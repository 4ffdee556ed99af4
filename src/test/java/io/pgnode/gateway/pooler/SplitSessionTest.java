package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A whole session in any pieces gets the answers that it gets in one. */
class SplitSessionTest {
    private static PoolerRig rig;

    @BeforeAll
    static void start() throws Exception {
        rig = PoolerRig.start("pool_size=1", "pool_mode = transaction\n");
        rig.postgres().sql("CREATE TABLE split (a int, b text)");
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    /** Of everything something, and errors in between. */
    private static byte[] session() {
        return Wire.concat(
                Wire.query("SELECT 1; SELECT 'two'"),
                Wire.parse("s", "SELECT $1::int + 1"),
                Wire.bind("s", "41"),
                Wire.execute(),
                Wire.sync(),
                Wire.query("SELECT FROM nowhere"),
                Wire.query("BEGIN"),
                Wire.query("COPY split FROM STDIN"),
                Wire.copyData("1\tone\n"),
                Wire.copyData("2\ttwo\n"),
                Wire.copyDone(),
                Wire.query("COPY split TO STDOUT"),
                Wire.query("ROLLBACK"),
                Wire.run("SELECT 1 / 0"),
                Wire.bind("s", "1"),
                Wire.sync(),
                Wire.query(""),
                Wire.describeStatement("s"),
                Wire.bind("s", "1"),
                Wire.execute(),
                Wire.closeStatement("s"),
                Wire.sync(),
                Wire.query("PREPARE p AS SELECT 'p'"),
                Wire.query("EXECUTE p"),
                Wire.query("DEALLOCATE p"),
                Wire.query("SELECT repeat('x', 20000)"),
                Wire.query("SELECT 'the end'"));
    }

    private static String play(Random random, int pieces, boolean isSlow) throws IOException {
        byte[] all =
                Wire.concat(Wire.startup("user", "somebody", "database", "postgres"), session());
        try (WireClient client = new WireClient(rig.port())) {
            if (isSlow) {
                for (byte one : all) {
                    client.send(new byte[] {one});
                }
            } else {
                client.sendInPieces(random, pieces, all);
            }
            StringBuilder answers = new StringBuilder();
            boolean isLast = false;
            while (true) {
                WireClient.Message message = client.read();
                answers.append(message.tag());
                if (message.tag() != 'K') { // the keys to cancel by differ
                    answers.append(message.text());
                }
                isLast |= message.tag() == 'D' && message.text().endsWith("the end");
                if (isLast && message.tag() == 'Z') {
                    return answers.toString();
                }
            }
        }
    }

    @Test
    void piecesDoNotMatter() throws Exception {
        String whole = play(new Random(0), 1, false);
        assertThat(whole)
                .contains(
                        "two",
                        "42",
                        "nowhere",
                        "1\tone\n",
                        "division by zero",
                        "p",
                        "x".repeat(999));
        for (int seed = 1; seed <= 60; seed++) {
            Random random = new Random(seed);
            assertThat(play(random, 2 + random.nextInt(60), false))
                    .as("seed " + seed)
                    .isEqualTo(whole);
        }
        assertThat(play(new Random(0), 1, true)).isEqualTo(whole);
    }

    @Test
    void answersDoNotDependOnWhenTheyAreRead() throws Exception {
        byte[] pipeline = Wire.concat(Wire.run("SELECT repeat('y', 100000)"), Wire.sync());
        try (WireClient client = WireClient.login(rig.port())) {
            int many = 200;
            // More than all buffers hold: the pooler stops to read, and goes on later.
            Thread sender =
                    Thread.startVirtualThread(
                            () -> {
                                try {
                                    for (int i = 0; i < many; i++) {
                                        client.send(pipeline);
                                    }
                                } catch (IOException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            for (int i = 0; i < many; i++) {
                List<String> values = client.untilReady().values();
                assertThat(values.getFirst()).hasSize(100_000);
            }
            sender.join();
        }
    }
}
