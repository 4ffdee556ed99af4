package io.pgnode.os;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts a program that outlives us: a session of its own, no terminal, no pipe to us.
 *
 * <p>PostgreSQL is started so: killing, stopping or upgrading the agent does not touch it. It is
 * still our child until we end, so its exit code is fetched by the Java runtime meanwhile.
 */
public final class Detached {
    private Detached() {}

    /**
     * @param args program and arguments
     * @param environment added to ours; an empty value removes the variable
     * @param output file to which standard output and error are appended
     * @return the program's own process, although setsid(1) started it: it replaces itself
     * @throws IOException when it cannot be started or ended before it could be looked at
     */
    public static ProcessIdentity start(
            List<String> args, Map<String, String> environment, Path output) throws IOException {
        Process process = builder(args, environment, output).start();
        return ProcessInfo.read(process.pid())
                .map(ProcessInfo::identity)
                .orElseThrow(() -> new IOException(ended(args, output)));
    }

    private static ProcessBuilder builder(
            List<String> args, Map<String, String> environment, Path output) {
        List<String> command = new ArrayList<>(List.of("setsid", "--"));
        command.addAll(args);
        ProcessBuilder builder = new ProcessBuilder(command);
        environment.forEach(
                (name, value) -> {
                    if (value.isEmpty()) {
                        builder.environment().remove(name);
                    } else {
                        builder.environment().put(name, value);
                    }
                });
        builder.environment().remove("NOTIFY_SOCKET");
        return builder.redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
    }

    private static String ended(List<String> args, Path output) {
        return args.getFirst() + " ended at once; HINT: see " + output;
    }
}
