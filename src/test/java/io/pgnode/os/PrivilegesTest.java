package io.pgnode.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivilegesTest {
    private static final int CAP_SETUID = 7;

    @TempDir Path directory;

    @Test
    void looksAccountsUp() throws Exception {
        assertThat(User.lookup("root")).contains(new User("root", 0, 0, Path.of("/root")));
        assertThat(User.lookup("no-such-user-here")).isEmpty();
    }

    @Test
    void knowsOwnerAndMode() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        AtomicFile.write(file, "", "rw-r-----");

        assertThat(Privileges.ownerUid(file)).isEqualTo(Privileges.effectiveUid());
        assertThat(Privileges.mode(file)).isEqualTo("rw-r-----");
    }

    @Test
    void droppingChangesAllThreads() throws Exception {
        assumeThat(maySetUid()).isTrue();
        List<String> command = new ArrayList<>(JavaProcess.command(DropMain.class));
        command.add("nobody");

        CommandResult result = Command.of(command).deadline(Duration.ofSeconds(20)).run();

        int nobody = User.lookup("nobody").orElseThrow().uid();
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEqualTo("[" + nobody + "]\n");
    }

    private static boolean maySetUid() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapEff:"))
                .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .anyMatch(capabilities -> (capabilities >> CAP_SETUID & 1) == 1);
    }

    /** Becomes another user, prints the user ids of all its threads. */
    static final class DropMain {
        public static void main(String[] args) throws Exception {
            Privileges.dropTo(User.lookup(args[0]).orElseThrow());
            List<Integer> uids = new ArrayList<>();
            try (var tasks = Files.list(Path.of("/proc/self/task"))) {
                for (Path task : tasks.toList()) {
                    for (String line : Files.readAllLines(task.resolve("status"))) {
                        if (line.startsWith("Uid:")) {
                            uids.add(Integer.parseInt(line.split("\t", -1)[2]));
                        }
                    }
                }
            }
            System.out.println(uids.stream().distinct().toList());
        }
    }
}
