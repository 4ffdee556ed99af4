package io.pgnode.backup.adopt;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.config.Secret;
import io.pgnode.os.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file with one secret, its owner's alone. */
record SecretFile(Path path, Secret content) {
    /** Does nothing when it is there with this content; another one's is never replaced. */
    void write() throws BackupException {
        create(path, content.reveal() + "\n");
    }

    /**
     * Makes a file of mode 0600.
     *
     * @throws BackupException when there is one with another content
     */
    static void create(Path path, String content) throws BackupException {
        try {
            if (Files.exists(path)) {
                if (!Files.readString(path, StandardCharsets.UTF_8).equals(content)) {
                    throw new BackupException(
                            BackrestExit.FILE_WRITE,
                            path + " exists with another content and is left as it is",
                            "move it away, or choose another place");
                }
                return;
            }
            AtomicFile.write(path, content, AtomicFile.OWNER_ONLY);
        } catch (IOException e) {
            throw new BackupException(
                    BackrestExit.FILE_WRITE, path + " cannot be written: " + e, null, e);
        }
    }
}
