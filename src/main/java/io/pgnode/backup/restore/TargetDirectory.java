package io.pgnode.backup.restore;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.FormatException;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.restore.RestorePlan.Problem;
import io.pgnode.backup.restore.core.ControlImage;
import io.pgnode.os.ProcessInfo;
import io.pgnode.postgres.core.PidFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is where a restore is to go: whether it may. */
final class TargetDirectory {
    /** The backup's manifest lies here until the restore is complete; stock pgBackRest does so. */
    static final String MARKER = Manifest.FILE;

    static final String CONTROL = "global/pg_control";
    private static final String PID_FILE = "postmaster.pid";
    private static final int CONTROL_BYTES = 8192;

    private final Path dataDir;

    TargetDirectory(Path dataDir) {
        this.dataDir = dataDir;
    }

    Path marker() {
        return dataDir.resolve(MARKER);
    }

    Path control() {
        return dataDir.resolve(CONTROL);
    }

    /** Everything that stands against a restore, as far as it lies here. */
    List<Problem> problems(Manifest manifest, Layout layout, RestoreRequest request) {
        List<Problem> problems = new ArrayList<>(running());
        try {
            if (Files.exists(dataDir) && !Files.isDirectory(dataDir)) {
                problems.add(
                        new Problem(
                                BackrestExit.PATH_NOT_EMPTY,
                                dataDir + " is not a directory",
                                null));
                return problems;
            }
            if (request.delta()) {
                problems.addAll(notOurs(manifest, request));
            } else {
                problems.addAll(notEmpty(layout));
            }
        } catch (IOException e) {
            problems.add(new Problem(BackrestExit.FILE_READ, "cannot look into " + e, null));
        }
        return problems;
    }

    /** A server of this directory that runs, whatever its pid file says. */
    List<Problem> running() {
        Optional<Long> pid = Optional.empty();
        try {
            Optional<PidFile> file = PidFile.parse(Files.readString(dataDir.resolve(PID_FILE)));
            // A negative one is a single-user server.
            pid = file.map(read -> Math.abs(read.pid())).filter(this::isServer);
        } catch (NoSuchFileException e) {
            // Nothing to say: the processes are looked at.
        } catch (IOException e) {
            return List.of(
                    new Problem(
                            BackrestExit.POSTGRES_RUNNING,
                            "cannot tell whether a server runs in " + dataDir + ": " + e,
                            null));
        }
        if (pid.isEmpty()) {
            pid = serverWorkingHere();
        }
        return pid.map(
                        found ->
                                List.of(
                                        new Problem(
                                                BackrestExit.POSTGRES_RUNNING,
                                                "a server runs in "
                                                        + dataDir
                                                        + " (process "
                                                        + found
                                                        + ")",
                                                "stop it first")))
                .orElse(List.of());
    }

    private boolean isServer(long pid) {
        if (pid <= 1 || pid == ProcessHandle.current().pid()) {
            return false;
        }
        Optional<ProcessInfo> process = ProcessInfo.read(pid).filter(ProcessInfo::isRunning);
        if (process.isEmpty()) {
            return false;
        }
        Optional<Path> at = ProcessInfo.workingDirectory(pid);
        // Of another user's process the name must do.
        return at.isPresent() ? isHere(at.get()) : isServerName(process.get().command());
    }

    private static boolean isServerName(String command) {
        return command.equals("postgres")
                || command.equals("edb-postgres")
                || command.equals("postmaster");
    }

    private boolean isHere(Path directory) {
        try {
            return directory.equals(dataDir) || directory.equals(dataDir.toRealPath());
        } catch (IOException e) {
            return false;
        }
    }

    private Optional<Long> serverWorkingHere() {
        try (DirectoryStream<Path> processes =
                Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                boolean isServer =
                        ProcessInfo.read(pid)
                                .filter(ProcessInfo::isRunning)
                                .filter(info -> isServerName(info.command()))
                                .isPresent();
                if (isServer
                        && ProcessInfo.workingDirectory(pid).filter(this::isHere).isPresent()) {
                    return Optional.of(pid);
                }
            }
        } catch (IOException | NumberFormatException e) {
            return Optional.empty(); // no such file system: the pid file has been looked at
        }
        return Optional.empty();
    }

    private List<Problem> notEmpty(Layout layout) throws IOException {
        List<Problem> problems = new ArrayList<>();
        boolean isInterrupted = Files.exists(marker(), LinkOption.NOFOLLOW_LINKS);
        if (!isEmpty(dataDir)) {
            problems.add(
                    new Problem(
                            BackrestExit.PATH_NOT_EMPTY,
                            isInterrupted
                                    ? "an interrupted restore is in " + dataDir
                                    : dataDir + " is not empty",
                            isInterrupted
                                    ? "--delta goes on with it"
                                    : "--delta keeps what is the same and removes the rest"));
        }
        for (Layout.Link link : layout.links()) {
            Path filled = link.filled();
            boolean isThere =
                    link.isFile()
                            ? Files.exists(filled, LinkOption.NOFOLLOW_LINKS)
                            : !isEmpty(filled);
            if (isThere) {
                problems.add(
                        new Problem(
                                BackrestExit.PATH_NOT_EMPTY,
                                filled + (link.isFile() ? " exists" : " is not empty"),
                                "map it to another place, or --delta"));
            }
        }
        return problems;
    }

    private static boolean isEmpty(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (!entry.getFileName().toString().equals("lost+found")) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * A delta restore removes what it does not know: it must be a data directory, and the right.
     */
    private List<Problem> notOurs(Manifest manifest, RestoreRequest request) throws IOException {
        if (isEmpty(dataDir)) {
            return List.of();
        }
        boolean isInterrupted = Files.isRegularFile(marker(), LinkOption.NOFOLLOW_LINKS);
        if (!isInterrupted && !Files.isRegularFile(dataDir.resolve("PG_VERSION"))) {
            return List.of(
                    new Problem(
                            BackrestExit.PATH_NOT_EMPTY,
                            dataDir + " is not empty, and not a data directory",
                            "remove what is in it, or restore to another place"));
        }
        String found = systemId();
        if (found != null
                && !found.equals(manifest.database().systemId())
                && !request.otherSystem()) {
            return List.of(
                    new Problem(
                            BackrestExit.DB_MISMATCH,
                            dataDir
                                    + " is of the cluster with system identifier "
                                    + found
                                    + ", the backup of "
                                    + manifest.database().systemId(),
                            "restore to another place, or --other-system to overwrite it"));
        }
        return List.of();
    }

    /** Whose it is; null when nothing says so. */
    private @Nullable String systemId() throws IOException {
        try (InputStream in = Files.newInputStream(control())) {
            return ControlImage.identity(in.readNBytes(CONTROL_BYTES))
                    .map(ControlImage.Identity::systemId)
                    .orElse(null);
        } catch (NoSuchFileException e) {
            return interruptedSystemId();
        }
    }

    private @Nullable String interruptedSystemId() {
        try {
            return Manifest.parse(Files.readAllBytes(marker())).database().systemId();
        } catch (IOException | FormatException e) {
            return null; // killed while it was written
        }
    }
}
