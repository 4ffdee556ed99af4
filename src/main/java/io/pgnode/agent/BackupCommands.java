package io.pgnode.agent;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How PostgreSQL and the agent reach the backup repositories: this program again.
 *
 * @param archiveCommand PostgreSQL's archive_command; empty without repositories
 * @param restoreCommand PostgreSQL's restore_command; empty without repositories
 * @param restoreProgram program and arguments that overwrite the data directory; empty without
 * @param sourceProgram as restoreProgram, from the repository that a new cluster begins with; empty
 *     without one
 */
public record BackupCommands(
        String archiveCommand,
        String restoreCommand,
        List<String> restoreProgram,
        List<String> sourceProgram) {
    /** Without repositories. */
    public static final BackupCommands NONE = new BackupCommands("", "", List.of(), List.of());

    public BackupCommands {
        restoreProgram = List.copyOf(restoreProgram);
        sourceProgram = List.copyOf(sourceProgram);
    }

    /**
     * @param program this program: its file, or Java with its options
     * @param configFile of this node
     */
    public static BackupCommands of(List<String> program, Path configFile) {
        String file = configFile.toAbsolutePath().toString();
        List<String> restore = new ArrayList<>(program);
        restore.addAll(List.of("restore", "--by-agent", "-c", file));
        return new BackupCommands(
                shell(program, List.of("archive-push", "-c", file)) + " %p",
                shell(program, List.of("archive-get", "-c", file)) + " %f %p",
                restore,
                List.of());
    }

    /** With the program that restores from the repository that a new cluster begins with. */
    public BackupCommands withSource(List<String> program, Path configFile) {
        List<String> source = new ArrayList<>(of(program, configFile).restoreProgram);
        source.add("--source");
        return new BackupCommands(archiveCommand, restoreCommand, restoreProgram, source);
    }

    /** restore_command of a server that recovers from that repository. */
    public static String sourceRestoreCommand(List<String> program, Path configFile) {
        String file = configFile.toAbsolutePath().toString();
        return shell(program, List.of("archive-get", "--source", "-c", file)) + " %f %p";
    }

    /** For the shell that PostgreSQL runs commands with, and its placeholders. */
    private static String shell(List<String> program, List<String> arguments) {
        List<String> words = new ArrayList<>();
        for (List<String> part : List.of(program, arguments)) {
            for (String word : part) {
                boolean isPlain = word.matches("[A-Za-z0-9/._=:,+@-]+");
                String quoted = isPlain ? word : "'" + word.replace("'", "'\\''") + "'";
                words.add(quoted.replace("%", "%%"));
            }
        }
        return String.join(" ", words);
    }
}
