package io.pgnode.guard;

import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.ProcessInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL instance to kill: its postmaster, and what finds its processes when the postmaster
 * is dead and its children have become orphans.
 *
 * @param program the server's file; null when the postmaster was gone before it could be looked at
 * @param dataDir working directory of all its processes; null like program
 */
public record FenceTarget(
        ProcessIdentity postmaster, @Nullable Path program, @Nullable Path dataDir) {

    /**
     * Looks at the running postmaster. Take it early: when it is dead, its orphans stay unfound.
     * And again later: a postmaster that has just been started is not in its data directory yet.
     */
    public static FenceTarget of(ProcessIdentity postmaster) {
        Optional<Path> program = ProcessInfo.executable(postmaster.pid());
        Optional<Path> dataDir =
                ProcessInfo.workingDirectory(postmaster.pid()).filter(FenceTarget::isDataDirectory);
        return postmaster.isAlive() && program.isPresent() && dataDir.isPresent()
                ? new FenceTarget(postmaster, program.get(), dataDir.get())
                : new FenceTarget(postmaster, null, null);
    }

    /** What is known now, and what was known before where now is too late. */
    FenceTarget refreshed() {
        FenceTarget now = of(postmaster);
        return now.dataDir == null ? this : now;
    }

    /** Another postmaster, most likely of the same instance. */
    FenceTarget succeededBy(ProcessIdentity newPostmaster) {
        return new FenceTarget(newPostmaster, program, dataDir).refreshed();
    }

    private static boolean isDataDirectory(Path directory) {
        return Files.exists(directory.resolve("PG_VERSION"));
    }

    /** Whether a process belongs to the instance although it is not below the postmaster. */
    boolean owns(ProcessInfo process) {
        if (program == null || dataDir == null) {
            return false;
        }
        String name = program.getFileName().toString();
        // The kernel cuts command names at 15 bytes; looking at the links costs more.
        return name.startsWith(process.command())
                && !process.command().isEmpty()
                && ProcessInfo.workingDirectory(process.pid()).filter(dataDir::equals).isPresent()
                && ProcessInfo.executable(process.pid()).filter(program::equals).isPresent();
    }
}
