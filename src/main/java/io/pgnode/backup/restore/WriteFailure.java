package io.pgnode.backup.restore;

import java.io.IOException;
import java.nio.file.Path;

/** The disk that is restored to did not take it: no other repository would help. */
final class WriteFailure extends IOException {
    private static final long serialVersionUID = 1L;

    WriteFailure(Path path, IOException cause) {
        super("cannot write " + path + ": " + reason(cause), cause);
    }

    /** Whether there is no room. */
    boolean isFull() {
        String text = String.valueOf(getMessage());
        return text.contains("No space left") || text.contains("quota exceeded");
    }

    private static String reason(IOException cause) {
        return cause instanceof java.nio.file.FileSystemException of && of.getReason() != null
                ? of.getReason()
                : cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
