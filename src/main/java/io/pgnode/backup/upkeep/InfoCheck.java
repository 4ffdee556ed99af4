package io.pgnode.backup.upkeep;

import io.pgnode.backup.core.FormatException;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.repo.RepositoryFiles;
import io.pgnode.backup.storage.StorageException;
import io.pgnode.config.Secret;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Checks info files and manifests, each with its copy. */
final class InfoCheck {
    /** The largest file that is taken for one of these. */
    static final int MAX_BYTES = 512 << 20;

    private final Repository repository;
    private final Findings findings;

    InfoCheck(Repository repository, Findings findings) {
        this.repository = repository;
        this.findings = findings;
    }

    /**
     * Of two good ones the copy must be the same.
     *
     * @return the file's content, or the copy's; empty when neither is good
     */
    <T> Optional<T> pair(String path, @Nullable Secret pass, RepositoryFiles.Parser<T> parser) {
        Content<T> file = read(path, pass, parser);
        Content<T> copy = read(path + Upkeep.COPY, pass, parser);
        if (file != null && copy != null && !Arrays.equals(file.bytes, copy.bytes)) {
            findings.damaged(path + Upkeep.COPY, "is not the same as " + path);
        }
        Content<T> good = file == null ? copy : file;
        return good == null ? Optional.empty() : Optional.of(good.parsed);
    }

    /** A file that was read and understood. */
    private static final class Content<T> {
        private final byte[] bytes;
        private final T parsed;

        Content(byte[] bytes, T parsed) {
            this.bytes = bytes;
            this.parsed = parsed;
        }
    }

    private <T> @Nullable Content<T> read(
            String path, @Nullable Secret pass, RepositoryFiles.Parser<T> parser) {
        try {
            byte[] bytes = repository.files().read(path, pass, MAX_BYTES);
            findings.read(bytes.length);
            return new Content<>(bytes, parser.parse(bytes));
        } catch (StorageException e) {
            findings.damaged(path, e.isMissing() ? "is missing" : "cannot be read: " + e);
        } catch (IOException e) {
            findings.damaged(path, "cannot be read: " + e.getMessage());
        } catch (FormatException e) {
            findings.damaged(path, "is damaged: " + e.getMessage());
        }
        return null;
    }
}
