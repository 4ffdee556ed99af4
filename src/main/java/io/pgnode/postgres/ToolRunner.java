package io.pgnode.postgres;

import io.pgnode.os.Command;
import io.pgnode.os.CommandResult;
import io.pgnode.os.RunningCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs PostgreSQL's programs with our password file, in English, one at a time; cancellable. */
final class ToolRunner {
    private static final List<String> FOREIGN =
            List.of("PGPASSWORD", "PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE");

    private final PostgresSettings settings;
    private final PassFile passFile;

    private volatile @Nullable RunningCommand running;

    ToolRunner(PostgresSettings settings, PassFile passFile) {
        this.settings = settings;
        this.passFile = passFile;
    }

    /** One of PostgreSQL's own. */
    CommandResult run(
            String program, List<String> arguments, Duration limit, Consumer<String> errLines)
            throws PostgresException {
        List<String> command = new ArrayList<>();
        command.add(settings.binDir().resolve(program).toString());
        command.addAll(arguments);
        return runCommand(command, limit, errLines);
    }

    CommandResult runCommand(List<String> words, Duration limit, Consumer<String> errLines)
            throws PostgresException {
        return runIn(null, words, limit, errLines);
    }

    /** With {@code directory} as its working directory. */
    CommandResult runIn(Path directory, List<String> words, Duration limit)
            throws PostgresException {
        return runIn(directory, words, limit, _ -> {});
    }

    private CommandResult runIn(
            @Nullable Path directory, List<String> words, Duration limit, Consumer<String> errLines)
            throws PostgresException {
        Command command =
                Command.of(words)
                        .env("PGPASSFILE", passFile.write().toString())
                        .env("PGOPTIONS", "-c statement_timeout=0")
                        .env("LC_MESSAGES", "C")
                        .deadline(limit)
                        .onErrLine(errLines);
        FOREIGN.forEach(command::withoutEnv);
        if (directory != null) {
            command.directory(directory);
        }
        try {
            RunningCommand started = command.start();
            running = started;
            return started.await();
        } catch (IOException e) {
            throw new PostgresException(
                    "cannot run " + words.getFirst() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException("interrupted while running " + words.getFirst(), e);
        } finally {
            running = null;
        }
    }

    /** Ends the program that runs now, if any. From any thread. */
    void cancel() {
        RunningCommand now = running;
        if (now != null) {
            now.cancel();
        }
    }
}
