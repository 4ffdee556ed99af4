package io.pgnode.postgres;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The placeholders of archive_command and restore_command. */
final class ArchiveCommand {
    private static final Pattern PLACEHOLDER = Pattern.compile("%[pfr%]");

    private ArchiveCommand() {}

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
