package io.pgnode.backup.archive;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command line of {@link ArchiveMain}. */
sealed interface ArchiveArguments {
    /** The configuration file; read only when the archiver is away. */
    Path configuration();

    /**
     * @param source absolute
     */
    record Push(Path configuration, Path source) implements ArchiveArguments {}

    /**
     * @param destination absolute
     * @param ofSource from the repository that a new cluster begins with
     */
    record Get(Path configuration, String name, Path destination, boolean ofSource)
            implements ArchiveArguments {}

    /**
     * @param args the command first
     * @throws BackupException {@code PARAM_REQUIRED} or {@code OPTION_INVALID}
     */
    static ArchiveArguments parse(String[] args, Map<String, String> environment)
            throws BackupException {
        String configuration = environment.getOrDefault("PGNODE_CONFIG", "/etc/pgnode/pgnode.yml");
        List<String> words = new ArrayList<>();
        boolean isPush = args[0].equals(ArchiveMain.PUSH);
        boolean ofSource = false;
        for (int i = 1; i < args.length; i++) {
            String arg = args[i];
            if (arg.equals("-c") || arg.equals("--config")) {
                if (++i == args.length) {
                    throw new BackupException(BackrestExit.OPTION_REQUIRED, arg + " needs a file");
                }
                configuration = args[i];
            } else if (arg.startsWith("--config=")) {
                configuration = arg.substring("--config=".length());
            } else if (arg.equals("--source") && !isPush) {
                ofSource = true;
            } else if (arg.startsWith("-")) {
                throw new BackupException(
                        BackrestExit.OPTION_INVALID, "there is no option " + arg, usage(args[0]));
            } else {
                words.add(arg);
            }
        }
        if (words.size() != (isPush ? 1 : 2)) {
            throw new BackupException(
                    BackrestExit.PARAM_REQUIRED,
                    words.size() + " arguments are given",
                    usage(args[0]));
        }
        Path file = Path.of(configuration);
        return isPush
                ? new Push(file, Path.of(words.get(0)).toAbsolutePath())
                : new Get(file, words.get(0), Path.of(words.get(1)).toAbsolutePath(), ofSource);
    }

    private static String usage(String command) {
        return command.equals(ArchiveMain.PUSH)
                ? "archive_command = 'pgnode archive-push -c FILE %p'"
                : "restore_command = 'pgnode archive-get -c FILE %f %p'";
    }
}
