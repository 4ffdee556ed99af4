package io.pgnode.backup.archive;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What an error means to the server that asks for WAL. */
enum RecoveryMode {
    /**
     * It recovers to a target and would take an error for the end of the log: it must stop instead.
     */
    TARGETED,
    /** It goes on without, streams, and asks again. */
    STANDBY;

    /**
     * PostgreSQL takes 126 and more for a reason to end recovery; below, for a file that is not
     * there.
     */
    static final int ABORT = 126;

    /** As its signal files say. */
    static RecoveryMode of(Path dataDir) {
        return Files.exists(dataDir.resolve("recovery.signal"))
                        && !Files.exists(dataDir.resolve("standby.signal"))
                ? TARGETED
                : STANDBY;
    }

    /** How long to try again. */
    Duration patience(ArchiveSettings.Limits limits) {
        return switch (this) {
            case TARGETED -> limits.recovery();
            case STANDBY -> limits.standby();
        };
    }

    /** What to end with after an error. */
    int exit(int code) {
        return switch (this) {
            case TARGETED -> ABORT;
            case STANDBY -> Math.clamp(code, 2, 125);
        };
    }
}
