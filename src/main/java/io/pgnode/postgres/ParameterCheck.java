package io.pgnode.postgres;

import io.pgnode.os.AtomicFile;
import io.pgnode.os.Command;
import io.pgnode.os.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets the server's own parser read a configuration before it is used: one wrong name or value
 * would keep every member from its next start.
 */
final class ParameterCheck {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Pattern NAMED = Pattern.compile("parameter \"([^\"]+)\"");

    /** The file is a copy for the check, so its name would mislead. */
    private static final Pattern PLACE = Pattern.compile(" in file \".*\" line \\d+$");

    private static final Pattern LEVEL = Pattern.compile("^.*?(?:LOG|FATAL|ERROR):\\s+");

    private final PostgresSettings settings;
    private final DataDirectory data;

    ParameterCheck(PostgresSettings settings, DataDirectory data) {
        this.settings = settings;
        this.data = data;
    }

    /**
     * @param conf text of postgresql.conf
     * @param arguments settings of the command line
     * @return the parameters that the server refuses, with its reason; empty when it takes all
     */
    SortedMap<String, String> refused(String conf, List<String> arguments)
            throws PostgresException {
        Path file = data.file("postgresql.pgnode-check.conf");
        List<String> command = new ArrayList<>();
        command.add(settings.binDir().resolve("postgres").toString());
        command.add("-C");
        command.add("data_directory");
        command.add("-D");
        command.add(data.path().toString());
        command.add("--config-file=" + file);
        command.addAll(arguments);
        try {
            AtomicFile.write(file, conf, AtomicFile.OWNER_ONLY);
            try {
                CommandResult result = Command.of(command).env("LC_ALL", "C").deadline(LIMIT).run();
                return result.isSuccess() ? new TreeMap<>() : parse(result.err());
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new PostgresException("cannot check " + file + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException("interrupted while checking parameters", e);
        }
    }

    private static SortedMap<String, String> parse(String errors) {
        SortedMap<String, String> refused = new TreeMap<>();
        for (String line : errors.lines().toList()) {
            Matcher named = NAMED.matcher(line);
            if (named.find()) {
                String why = LEVEL.matcher(line).replaceFirst("");
                refused.putIfAbsent(named.group(1), PLACE.matcher(why).replaceFirst(""));
            }
        }
        return refused;
    }
}
