package io.pgnode.postgres;

import io.pgnode.os.CommandResult;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * archive_command and restore_command, which PostgreSQL defines as commands of the shell, run in
 * the data directory.
 */
final class ArchiveCommand {
    private static final Pattern PLACEHOLDER = Pattern.compile("%[pfr%]");

    private ArchiveCommand() {}

    /**
     * Runs one for a file.
     *
     * @param path of the file, from the data directory
     */
    static CommandResult run(
            ToolRunner tools,
            DataDirectory data,
            String command,
            String name,
            String path,
            Duration limit)
            throws PostgresException {
        return tools.runIn(
                data.path(), List.of("/bin/sh", "-c", expand(command, name, path)), limit);
    }

    /**
     * {@code %p} is the path from the data directory, {@code %f} the name, {@code %%} a percent;
     * {@code %r}, the oldest file that must be kept, is one older than all.
     */
    static String expand(String command, String name, String path) {
        return PLACEHOLDER
                .matcher(command)
                .replaceAll(
                        found ->
                                Matcher.quoteReplacement(
                                        switch (found.group()) {
                                            case "%p" -> path;
                                            case "%f" -> name;
                                            case "%r" -> "000000010000000000000001";
                                            default -> "%";
                                        }));
    }
}
