package io.pgnode.backup.engine;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.engine.core.CopyList;
import io.pgnode.postgres.core.ControlParser;
import io.pgnode.postgres.core.ControlParser.MalformedControlException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads pg_control whole: the server overwrites it in place. */
final class ControlFileReader {
    private static final int ATTEMPTS = 20;
    private static final long PAUSE_MILLIS = 50;
    private static final int MAX_BYTES = 1 << 20;

    private ControlFileReader() {}

    static byte[] read(Path dataDirectory, StopRequest stop) throws BackupException {
        Path file = dataDirectory.resolve(CopyList.CONTROL_FILE);
        byte[] last = new byte[0];
        String problem = "";
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            byte[] bytes = bytes(file);
            try {
                ControlParser.parse(bytes);
                return bytes;
            } catch (MalformedControlException e) {
                boolean isSame = Arrays.equals(last, bytes);
                if (e.isUnknownFormat() && isSame) {
                    return bytes;
                }
                if (isSame && bytes.length > 0) {
                    throw new BackupException(BackrestExit.CHECKSUM, file + ": " + e.getMessage());
                }
                problem = String.valueOf(e.getMessage());
                last = bytes;
                stop.pause(PAUSE_MILLIS);
            }
        }
        throw new BackupException(
                BackrestExit.CHECKSUM, file + " changes all the time: " + problem);
    }

    private static byte[] bytes(Path file) throws BackupException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(MAX_BYTES);
        } catch (IOException e) {
            throw new BackupException(
                    BackrestExit.FILE_OPEN, "cannot read " + DataLister.reason(e), null, e);
        }
    }
}
