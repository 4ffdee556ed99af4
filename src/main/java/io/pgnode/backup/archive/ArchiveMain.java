package io.pgnode.backup.archive;

import io.pgnode.backup.archive.ArchiverWire.Answer;
import io.pgnode.backup.archive.ArchiverWire.Request;
import io.pgnode.backup.core.BackupException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/**
 * {@code pgnode archive-push PATH} and {@code pgnode archive-get NAME DEST}: what PostgreSQL runs
 * for each WAL file.
 *
 * <pre>
 *   archive_command = 'pgnode archive-push -c /etc/pgnode/pgnode.yml %p'
 *   restore_command = 'pgnode archive-get -c /etc/pgnode/pgnode.yml %f %p'
 * </pre>
 *
 * <p>It is to be called before anything else of the program begins: it needs the socket's path,
 * which it finds without reading the configuration as YAML, and a few classes. When the archiver is
 * away, hung, or says that it cannot, this process loads the configuration and does the work.
 *
 * <p>Exit codes: 0 when done. {@code archive-push}: 25 to 125 when not, and PostgreSQL keeps the
 * file. {@code archive-get}: 1 when all repositories have answered that they do not have it; after
 * any other error 126 in a targeted recovery, which PostgreSQL then ends, and 25 to 125 on a
 * standby, which goes on without. A TERM ends it at once, as it should: PostgreSQL knows what that
 * means.
 */
public final class ArchiveMain {
    static final String PUSH = "archive-push";
    static final String GET = "archive-get";
    private static final String PROGRAM = "pgnode ";

    private ArchiveMain() {}

    /** Loads the settings; not called while the archiver is there. */
    @FunctionalInterface
    public interface Loader {
        /**
         * @param ofSource of the repository that a new cluster begins with
         * @throws BackupException {@code CONFIG}, with what is wrong
         */
        ArchiveSettings load(Path configuration, boolean ofSource) throws BackupException;
    }

    /** Whether these arguments are for {@link #run}; not when somebody asks for help. */
    public static boolean isMeant(String[] args) {
        if (args.length == 0 || !(args[0].equals(PUSH) || args[0].equals(GET))) {
            return false;
        }
        for (String arg : args) {
            if (arg.equals("--help") || arg.equals("-h")) {
                return false;
            }
        }
        return true;
    }

    /**
     * Does it, and returns the exit code.
     *
     * @param environment of the process
     * @param log gets a line when there is something to say: PostgreSQL's log
     */
    public static int run(
            String[] args, Map<String, String> environment, Loader loader, PrintStream log) {
        ArchiveArguments arguments;
        try {
            arguments = ArchiveArguments.parse(args, environment);
        } catch (BackupException e) {
            log.println(PROGRAM + args[0] + ": " + OneLine.of(e));
            return e.exit().code();
        }
        Answer.Done done = done(arguments, environment, loader);
        if (!done.text().isEmpty()) {
            log.println(PROGRAM + args[0] + ": " + done.text());
        }
        return done.exit();
    }

    private static Answer.Done done(
            ArchiveArguments arguments, Map<String, String> environment, Loader loader) {
        if (arguments instanceof ArchiveArguments.Get get && get.ofSource()) {
            return Direct.run(arguments, loader); // the archiver does not know that repository
        }
        String away;
        try {
            Path socket = ArchiverSocket.find(arguments.configuration(), environment, loader);
            switch (new ArchiverClient(socket).ask(request(arguments))) {
                case Answer.Done done -> {
                    return done;
                }
                case Answer.Cannot(String reason) -> away = reason;
                case Answer.Working _, Answer.Fetched _ -> away = "";
            }
        } catch (IOException e) {
            away = String.valueOf(e.getMessage());
        } catch (BackupException e) {
            away = "";
        }
        Answer.Done done = Direct.run(arguments, loader);
        return done.exit() > 1 && !away.isEmpty()
                ? new Answer.Done(done.exit(), done.text() + " (archiver: " + away + ")")
                : done;
    }

    private static Request request(ArchiveArguments arguments) {
        return switch (arguments) {
            case ArchiveArguments.Push(_, Path source) -> new Request.Push(source.toString());
            case ArchiveArguments.Get(_, String name, Path destination, _) ->
                    new Request.Get(name, destination.toString());
        };
    }
}
