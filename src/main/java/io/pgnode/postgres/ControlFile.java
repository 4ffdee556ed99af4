package io.pgnode.postgres;

import io.pgnode.os.Command;
import io.pgnode.os.CommandResult;
import io.pgnode.postgres.core.ControlData;
import io.pgnode.postgres.core.ControlParser;
import io.pgnode.postgres.core.ControlParser.MalformedControlException;
import io.pgnode.postgres.core.ControlText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Reads {@code global/pg_control}, itself or, for an unknown layout, through pg_controldata. */
final class ControlFile {
    /** The server overwrites it in place, so a read may see half a write. */
    private static final int ATTEMPTS = 5;

    private static final Duration TOOL_DEADLINE = Duration.ofSeconds(5);

    private ControlFile() {}

    static ControlData read(Path dataDir, Path binDir) throws PostgresException {
        Path file = dataDir.resolve("global").resolve("pg_control");
        for (int attempt = 1; ; attempt++) {
            try {
                return ControlParser.parse(firstBytes(file));
            } catch (MalformedControlException e) {
                if (e.isUnknownFormat()) {
                    return fromTool(dataDir, binDir);
                }
                if (attempt == ATTEMPTS) {
                    throw new PostgresException(file + ": " + e.getMessage(), e);
                }
                Thread.onSpinWait();
            } catch (IOException e) {
                throw new PostgresException("cannot read " + file + ": " + e.getMessage(), e);
            }
        }
    }

    private static byte[] firstBytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(ControlParser.USED_BYTES);
        }
    }

    private static ControlData fromTool(Path dataDir, Path binDir) throws PostgresException {
        String tool = binDir.resolve("pg_controldata").toString();
        try {
            CommandResult result =
                    Command.of(tool, "-D", dataDir.toString())
                            .env("LC_ALL", "C")
                            .deadline(TOOL_DEADLINE)
                            .run();
            if (!result.isSuccess()) {
                throw new PostgresException(tool + ": " + result.explain());
            }
            return ControlText.parse(result.out());
        } catch (IOException | IllegalArgumentException e) {
            throw new PostgresException(tool + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException("interrupted while running " + tool, e);
        }
    }
}
