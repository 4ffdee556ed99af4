package io.pgnode.postgres;

import io.pgnode.cluster.TimelineClaim;
import io.pgnode.os.AtomicFile;
import io.pgnode.os.CommandResult;
import io.pgnode.os.Directories;
import io.pgnode.postgres.core.HistoryFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes PostgreSQL leave out timeline numbers that somebody else may have begun.
 *
 * <p>A promotion takes the number after the last history file that exists, in pg_wal or in the
 * archive, whatever is in it (findNewestTimeLine in timeline.c). So each number to be left out gets
 * a history file with nothing but a comment. To a running standby such a file is that of a timeline
 * which is "not a child" of its own, so it never switches to it; but a server that <em>starts</em>
 * to recover with nothing newer would stop there ("requested timeline is not a child of this
 * server's history"). Hence {@link #forgetUnused} before each start as a standby. Below a real
 * history file they stay: standbys ask for every file between their timeline and the primary's.
 *
 * <p>Confined to the thread that acts on the instance, but for {@link #archive}.
 */
final class SkippedTimelines {
    private static final Logger LOG = Logger.getLogger(SkippedTimelines.class);
    private static final String MARK = "# skipped by pgnode";
    private static final String TEXT =
            MARK + ": another member of the cluster claimed this timeline before us\n";

    /** A parameter of the running server. */
    interface Parameters {
        @Nullable String value(String name) throws SQLException;
    }

    private final DataDirectory data;

    SkippedTimelines(DataDirectory data) {
        this.data = data;
    }

    /**
     * Call before the promotion is asked for.
     *
     * @param own the timeline of the standby
     * @param next the first number that it may take
     */
    void skip(int own, int next) throws PostgresException {
        if (next - own > TimelineClaim.MAX_AHEAD + 1) {
            throw new PostgresException(
                    "cannot skip from timeline " + own + " to " + next,
                    "see the key pgnode/timeline in the DCS");
        }
        for (int timeline = own + 1; timeline < next; timeline++) {
            Path file = file(timeline);
            if (Files.exists(file)) {
                continue;
            }
            try {
                AtomicFile.write(file, TEXT, AtomicFile.OWNER_ONLY);
            } catch (IOException e) {
                throw new PostgresException("cannot write " + file + ": " + e.getMessage(), e);
            }
            LOG.infof("skipped a timeline timeline=%d", timeline);
        }
    }

    /** Call before the server starts as a standby: the promotion they were for did not happen. */
    void forgetUnused() throws PostgresException {
        boolean removed = false;
        for (int newest = data.newestTimeline();
                isSkipped(newest);
                newest = data.newestTimeline()) {
            try {
                Files.deleteIfExists(file(newest));
                removed = true;
            } catch (IOException e) {
                throw new PostgresException(
                        "cannot remove " + file(newest) + ": " + e.getMessage(), e);
            }
        }
        if (removed) {
            try {
                Directories.sync(data.file("pg_wal"));
            } catch (IOException e) {
                throw new PostgresException(
                        "cannot sync " + data.file("pg_wal") + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * Has the server archive the files, unless the archive holds a real one of that number, which
     * must not be replaced.
     *
     * @param limit of each question to the archive
     */
    void archive(Parameters parameters, ToolRunner tools, Duration limit) {
        try {
            List<Integer> todo = notArchived();
            if (todo.isEmpty() || "off".equals(parameters.value("archive_mode"))) {
                return;
            }
            String command = Objects.requireNonNullElse(parameters.value("restore_command"), "");
            for (int timeline : todo) {
                archive(timeline, command, tools, limit);
            }
        } catch (IOException | SQLException | PostgresException e) {
            LOG.warnf(
                    "skipped timelines are not archived: %s; a recovery to the latest timeline from"
                            + " a backup of an earlier one would stop before them",
                    e.getMessage());
        }
    }

    private void archive(int timeline, String restoreCommand, ToolRunner tools, Duration limit)
            throws IOException, PostgresException {
        String name = HistoryFile.name(timeline);
        if (restoreCommand.isEmpty()) {
            throw new PostgresException(
                    "without restore_command nobody can tell whether the archive has " + name);
        }
        String asked = name + ".asked";
        Path copy = data.file("pg_wal").resolve(asked);
        Files.deleteIfExists(copy);
        CommandResult result =
                ArchiveCommand.run(tools, data, restoreCommand, name, "pg_wal/" + asked, limit);
        boolean isThere = result.isSuccess() && Files.exists(copy);
        Files.deleteIfExists(copy);
        if (isThere) {
            LOG.infof("the archive has a history of its own timeline=%d", timeline);
            return;
        }
        Files.createFile(status().resolve(name + ".ready"));
    }

    private List<Integer> notArchived() throws IOException {
        List<Integer> found = new ArrayList<>();
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(data.file("pg_wal"), "*.history")) {
            for (Path history : files) {
                String name = history.getFileName().toString();
                int timeline = HistoryFile.timelineOf(name);
                if (isSkipped(timeline)
                        && !Files.exists(status().resolve(name + ".ready"))
                        && !Files.exists(status().resolve(name + ".done"))) {
                    found.add(timeline);
                }
            }
        }
        found.sort(null);
        return found;
    }

    private boolean isSkipped(int timeline) {
        try (var in = Files.newInputStream(file(timeline))) {
            return new String(in.readNBytes(MARK.length()), StandardCharsets.US_ASCII).equals(MARK);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            LOG.warnf("cannot read file=%s: %s", file(timeline), e.getMessage());
            return false;
        }
    }

    private Path file(int timeline) {
        return data.file("pg_wal").resolve(HistoryFile.name(timeline));
    }

    private Path status() {
        return data.file("pg_wal").resolve("archive_status");
    }
}
