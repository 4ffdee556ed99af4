package io.pgnode.backup.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.postgres.StopMode;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With the pages of a real server, which pg_checksums accepts. */
class PageVerifierTest {
    private static final int PAGE = 8192;
    private static RealPostgres server;
    private static byte[] relation;

    @BeforeAll
    static void pagesOfAServer() throws Exception {
        server = RealPostgres.create("pages").bootstrap();
        server.sql(
                "CREATE TABLE filled AS SELECT i, md5(i::text) FROM generate_series(1, 50000) i");
        String file = server.sql("SELECT pg_relation_filepath('filled')");
        server.instance().stop(StopMode.FAST, RealPostgres.LIMIT);
        relation = Files.readAllBytes(server.settings().dataDir().resolve(file));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void everyPageOfTheServerIsRight() throws Exception {
        Path data = server.settings().dataDir();
        Tool.run(
                new byte[0],
                RealPostgres.binDir().resolve("pg_checksums").toString(),
                "--check",
                "-D",
                data.toString());
        int seen = 0;
        for (String directory : List.of("base", "global")) {
            try (Stream<Path> files = Files.walk(data.resolve(directory))) {
                for (Path file :
                        files.filter(f -> f.getFileName().toString().matches("\\d+(_\\w+)?"))
                                .filter(Files::isRegularFile)
                                .toList()) {
                    PageVerifier verifier = new PageVerifier(PAGE, 0, null);
                    byte[] bytes = Files.readAllBytes(file);
                    verifier.update(bytes, 0, bytes.length);
                    assertThat(verifier.result())
                            .as(file.toString())
                            .matches(PageVerifier.Result::valid);
                    seen++;
                }
            }
        }
        assertThat(seen).isGreaterThan(500);
    }

    @Test
    void damagedPagesAreNamedAsRanges() throws IOException {
        byte[] damaged = relation.clone();
        for (int page : new int[] {0, 3, 4, 5, 100}) {
            damaged[page * PAGE + 5000] ^= 1;
        }
        PageVerifier verifier = new PageVerifier(PAGE, 0, null);
        for (int done = 0; done < damaged.length; ) {
            int step = Math.min(damaged.length - done, 3001);
            verifier.update(damaged, done, step);
            done += step;
        }

        assertThat(verifier.result())
                .isEqualTo(
                        new PageVerifier.Result(
                                true,
                                List.of(
                                        new PageVerifier.Range(0, 0),
                                        new PageVerifier.Range(3, 5),
                                        new PageVerifier.Range(100, 100))));
    }

    @Test
    void theBlockNumberCounts() throws IOException {
        PageVerifier second = new PageVerifier(PAGE, 131072, null);
        second.update(relation, 0, 2 * PAGE);

        assertThat(second.result().errors())
                .containsExactly(new PageVerifier.Range(131072, 131073));
    }

    @Test
    void aPageThatChangesMeanwhileIsNoError() throws IOException {
        byte[] torn = relation.clone();
        torn[PAGE + 5000] ^= 1;
        torn[2 * PAGE + 5000] ^= 1;
        torn[3 * PAGE + 5000] ^= 1;
        PageVerifier verifier =
                new PageVerifier(
                        PAGE,
                        0,
                        (offset, page) -> {
                            if (offset == 3L * PAGE) {
                                return 100;
                            }
                            byte[] source = offset == PAGE ? relation : torn;
                            System.arraycopy(source, (int) offset, page, 0, PAGE);
                            return PAGE;
                        });
        verifier.update(torn, 0, 4 * PAGE);

        assertThat(verifier.result().errors()).containsExactly(new PageVerifier.Range(2, 2));
    }

    @Test
    void newPagesAreZeroAndOnlyZero() throws IOException {
        byte[] pages = new byte[2 * PAGE];
        pages[PAGE + 8000] = 1;
        PageVerifier verifier = new PageVerifier(PAGE, 0, null);
        verifier.update(pages, 0, pages.length);

        assertThat(verifier.result().errors()).containsExactly(new PageVerifier.Range(1, 1));
    }

    @Test
    void aTailOfAPageIsMisaligned() throws IOException {
        PageVerifier verifier = new PageVerifier(PAGE, 0, null);
        verifier.update(relation, 0, PAGE + 512);

        assertThat(verifier.result().aligned()).isFalse();
        assertThat(verifier.result().errors()).isEmpty();
        assertThat(verifier.result().valid()).isFalse();
    }
}
