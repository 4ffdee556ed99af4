package io.pgnode.cli;

import io.pgnode.os.Privileges;
import io.pgnode.os.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** PostgreSQL refuses to run as root, and nothing of ours needs it. */
final class RunAs {
    private static final String USER = "postgres";

    private RunAs() {}

    /**
     * As root: gives {@code directories}, made where they are missing, to the user postgres and
     * becomes that user.
     */
    static void postgresIfRoot(Path... directories) throws IOException, InterruptedException {
        if (!Privileges.isRoot()) {
            return;
        }
        User user =
                User.lookup(USER)
                        .orElseThrow(
                                () ->
                                        new CliException(
                                                ExitCode.FAILED,
                                                "started as root, and there is no user "
                                                        + USER
                                                        + " to run PostgreSQL as",
                                                "install PostgreSQL from the distribution's packages"));
        for (Path directory : directories) {
            Files.createDirectories(directory);
            Privileges.giveTo(user, directory);
        }
        Privileges.dropTo(user);
    }
}
