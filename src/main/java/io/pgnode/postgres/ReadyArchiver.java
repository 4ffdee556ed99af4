package io.pgnode.postgres;

import io.pgnode.os.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Archives WAL that a stopped server had not archived yet, the way its archiver would: pg_rewind
 * removes those segments, and the end of a former primary's timeline may be nowhere else.
 *
 * <p>A failure is logged and holds up nobody.
 */
final class ReadyArchiver {
    private static final Logger LOG = Logger.getLogger(ReadyArchiver.class);
    private static final Duration ASK = Duration.ofSeconds(10);

    private final DataDirectory data;
    private final ConfigFiles files;
    private final ToolRunner tools;
    private final LongSupplier clock;

    ReadyArchiver(DataDirectory data, ConfigFiles files, ToolRunner tools, LongSupplier clock) {
        this.data = data;
        this.files = files;
        this.tools = tools;
        this.clock = clock;
    }

    /**
     * @param isClean the server was shut down in an orderly way; else a recovery is still to come,
     *     which must not remove the segments, so they stay marked as not archived
     * @param limit of all segments together
     */
    void archive(boolean isClean, Duration limit) {
        try {
            List<String> ready = data.notArchived();
            String mode = ready.isEmpty() ? "off" : setting("archive_mode");
            if (mode.equals("off")) {
                return;
            }
            String command = setting("archive_command");
            if (command.isEmpty()) {
                LOG.warnf(
                        "cannot archive WAL before the rewind: no archive_command segments=%d"
                                + " first=%s last=%s",
                        ready.size(), ready.getFirst(), ready.getLast());
                return;
            }
            LOG.infof(
                    "archiving WAL before the rewind segments=%d first=%s last=%s",
                    ready.size(), ready.getFirst(), ready.getLast());
            Deadline deadline = Deadline.in(limit, clock);
            for (String segment : ready) {
                archive(segment, command, deadline, isClean);
            }
        } catch (IOException | PostgresException e) {
            LOG.warnf("WAL is not archived before the rewind: %s", e.getMessage());
        }
    }

    private void archive(String segment, String command, Deadline deadline, boolean isClean)
            throws PostgresException, IOException {
        if (deadline.hasPassed()) {
            throw new PostgresException("no time left for " + segment + " and those after it");
        }
        CommandResult result =
                ArchiveCommand.run(
                        tools, data, command, segment, "pg_wal/" + segment, deadline.left());
        if (!result.isSuccess()) {
            throw new PostgresException("archive_command of " + segment + ": " + result.explain());
        }
        if (isClean) {
            Path status = data.file("pg_wal").resolve("archive_status");
            Files.move(
                    status.resolve(segment + DataDirectory.READY),
                    status.resolve(segment + ".done"),
                    StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** As the server would read it from its files. */
    private String setting(String name) throws PostgresException {
        CommandResult result =
                tools.run(
                        "postgres",
                        List.of(
                                "-C",
                                name,
                                "-D",
                                data.path().toString(),
                                "--config-file=" + files.postgresqlConf()),
                        ASK,
                        _ -> {});
        if (!result.isSuccess()) {
            throw new PostgresException("cannot read " + name + ": " + result.explain());
        }
        return result.out().strip();
    }
}
