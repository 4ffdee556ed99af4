package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrphanReaperTest {
    private static final int ORPHANS = 20;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theFirstProcessOfAContainerCollectsOrphansAndLeavesItsOwnChildrenAlone(boolean reaps)
            throws Exception {
        List<String> container = List.of("unshare", "--pid", "--fork", "--mount-proc");
        List<String> nothing = new ArrayList<>(container);
        nothing.add("/bin/true");
        assumeThat(Command.of(nothing).run().isSuccess()).isTrue();
        List<String> command = new ArrayList<>(container);
        command.addAll(JavaProcess.command(FirstProcess.class));
        command.add(String.valueOf(reaps));

        CommandResult result = Command.of(command).deadline(Duration.ofSeconds(60)).run();

        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .isEqualTo("exit codes [3], zombies " + (reaps ? 0 : ORPHANS) + "\n");
    }

    /** Runs children that leave an orphan each, then counts the zombies. */
    static final class FirstProcess {
        public static void main(String[] args) throws Exception {
            boolean reaps = Boolean.parseBoolean(args[0]);
            if (reaps) {
                OrphanReaper.startWhereNeeded();
            }
            TreeSet<Integer> exitCodes = new TreeSet<>();
            for (int i = 0; i < ORPHANS; i++) {
                exitCodes.add(
                        Command.of("sh", "-c", "sleep 0.3 >/dev/null 2>&1 & sleep 0.25; exit 3")
                                .run()
                                .exitCode());
            }
            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (zombies() != (reaps ? 0 : ORPHANS) && System.nanoTime() < end) {
                Thread.sleep(50);
            }
            System.out.println("exit codes " + exitCodes + ", zombies " + zombies());
        }

        private static long zombies() throws Exception {
            try (var processes = Files.list(Path.of("/proc"))) {
                return processes
                        .map(path -> path.getFileName().toString())
                        .filter(name -> name.matches("\\d+"))
                        .flatMap(name -> ProcessInfo.read(Long.parseLong(name)).stream())
                        .filter(info -> info.state() == 'Z')
                        .count();
            }
        }
    }
}
