package io.pgnode.cli;

import io.pgnode.cli.demo.ProgramCopy;
import io.pgnode.os.Privileges;
import io.pgnode.os.Signal;
import io.pgnode.os.SignalHandler;
import io.pgnode.os.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs the demo once more, as the user postgres: PostgreSQL refuses to run as root.
 *
 * <p>A new process rather than a change of this one: that user may not be able to read the files
 * that this program still has to load.
 */
final class DemoAsPostgres {
    private static final String NAME = "postgres";

    private final List<String> program;
    private final List<String> arguments;
    private final @Nullable Path dir;
    private final boolean keep;

    /**
     * @param program how this program is started
     * @param arguments of the demo, besides the directory
     * @param dir null for a temporary one, which is deleted unless {@code keep}
     */
    DemoAsPostgres(List<String> program, List<String> arguments, @Nullable Path dir, boolean keep) {
        this.program = program;
        this.arguments = arguments;
        this.dir = dir;
        this.keep = keep;
    }

    ExitCode run() throws IOException, InterruptedException {
        User user =
                User.lookup(NAME)
                        .orElseThrow(
                                () ->
                                        new CliException(
                                                ExitCode.FAILED,
                                                "there is no user postgres to run the demo as",
                                                "apt-get install postgresql, or dnf install"
                                                        + " postgresql-server"));
        Path directory =
                dir == null ? Files.createTempDirectory("pgnode-demo-") : dir.toAbsolutePath();
        try {
            DemoDirectory.check(directory);
            Files.createDirectories(directory);
            Privileges.giveTo(user, directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            return start(user, directory);
        } finally {
            if (dir == null && !keep) {
                DemoDirectory.delete(directory);
            }
        }
    }

    private ExitCode start(User user, Path directory) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "setpriv",
                                "--reuid=" + user.uid(),
                                "--regid=" + user.gid(),
                                "--init-groups",
                                "--",
                                "env",
                                "-C",
                                directory.toString(),
                                "HOME=" + directory));
        command.addAll(ProgramCopy.readable(program, directory));
        command.addAll(List.of("demo", "--dir", directory.toString()));
        command.addAll(arguments);
        // Ctrl-C reaches both of us: it stops the cluster, and we wait for it.
        SignalHandler.on(Signal.INT, () -> {});
        Process process = new ProcessBuilder(command).inheritIO().start();
        SignalHandler.on(Signal.TERM, process::destroy);
        return exitCode(process.waitFor());
    }

    private static ExitCode exitCode(int code) {
        for (ExitCode known : ExitCode.values()) {
            if (known.code() == code) {
                return known;
            }
        }
        return ExitCode.FAILED;
    }
}
