package io.pgnode.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromiseFileTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long LONGEST = PromiseFile.LONGEST.toNanos();

    @TempDir Path directory;
    private long now = 500 * SECOND;

    private PromiseFile file(String bootId) {
        return new PromiseFile(directory.resolve("promise"), bootId, () -> now);
    }

    @Test
    void nothingWasPromisedWithoutAFile() {
        assertThat(file("a").untilNanos()).isZero();
    }

    @Test
    void theNextAgentKnowsWhatWasPromised() {
        file("a").keep(511 * SECOND).join();
        now += 3 * SECOND;
        assertThat(file("a").untilNanos()).isEqualTo(511 * SECOND);

        now += 100 * SECOND;
        assertThat(file("a").untilNanos()).isEqualTo(511 * SECOND);
    }

    @Test
    void anEarlierEndChangesNothing() {
        PromiseFile file = file("a");
        file.keep(531 * SECOND).join();
        file.keep(504 * SECOND).join();
        assertThat(file("a").untilNanos()).isEqualTo(531 * SECOND);
    }

    @Test
    void afterARebootItCountsWithItsWholeLength() {
        file("a").keep(511 * SECOND).join();

        now = 20 * SECOND;
        assertThat(file("b").untilNanos()).isEqualTo(31 * SECOND);
    }

    @Test
    void aPromiseThatCannotBeWrittenIsNone() throws IOException {
        Files.createDirectory(directory.resolve("promise"));
        Files.createFile(directory.resolve("promise/in the way"));

        assertThatThrownBy(() -> file("a").keep(511 * SECOND).join())
                .hasCauseInstanceOf(IOException.class)
                .hasMessageContaining("cannot write");
        assertThat(file("a").untilNanos()).isEqualTo(now + LONGEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "a 511000000000",
                "a 511000000000 11000000000",
                "a 511000000000 soon\n",
                "a 511000000000 -1\n",
                "a 999000000000 11000000000\n",
                "b 511000000000 -1\n"
            })
    void whatIsBrokenCountsAsTheLongestPromise(String content) throws IOException {
        Files.writeString(directory.resolve("promise"), content);
        assertThat(file("a").untilNanos()).isEqualTo(now + LONGEST);
    }

    @Test
    void theKernelTellsTheBoot() throws IOException {
        assertThat(PromiseFile.bootId()).matches("[0-9a-f-]{36}").isEqualTo(PromiseFile.bootId());
    }
}
