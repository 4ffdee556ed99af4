package io.pgnode.backup.upkeep;

import io.pgnode.backup.codec.Sha1;
import io.pgnode.backup.repo.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Digests of the archive's history and backup history files, which the format does not protect: the
 * first verification notes them in our own tree, later ones compare. A repository that cannot be
 * written is verified without.
 */
final class PlainDigests {
    private static final String TREE = "pgnode/";
    private static final int MAX_BYTES = 1024;

    private PlainDigests() {}

    /** What is noted of an archive's file, or of a directory of them. */
    static String path(Repository repository, String archiveId, String rest) {
        String directory = TREE + repository.stanza() + "/digest/" + archiveId;
        return rest.isEmpty() ? directory : directory + "/" + rest;
    }

    /** Whether the stored bytes are those of the first time; true when this is the first time. */
    static boolean isUnchanged(
            Repository repository, String archiveId, String rest, byte[] content) {
        String path = path(repository, archiveId, rest);
        String digest = Sha1.of(content).toString();
        try {
            Optional<String> noted = noted(repository, path);
            if (noted.isPresent()) {
                return noted.get().equals(digest);
            }
            repository.storage().put(path, (digest + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return true; // a help only: nothing is known to be wrong
        }
        return true;
    }

    private static Optional<String> noted(Repository repository, String path) throws IOException {
        if (repository.storage().info(path).isEmpty()) {
            return Optional.empty();
        }
        byte[] noted = repository.storage().read(path, MAX_BYTES);
        return Optional.of(new String(noted, StandardCharsets.US_ASCII).strip());
    }
}
