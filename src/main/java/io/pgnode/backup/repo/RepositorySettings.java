package io.pgnode.backup.repo;

import io.pgnode.backup.core.CipherType;
import io.pgnode.backup.storage.StorageSettings;
import io.pgnode.config.Secret;
import org.jspecify.annotations.Nullable;

/**
 * A stanza of a repository: where it is and how it is read.
 *
 * @param key 1 to 4, for messages: {@code repo1}
 * @param stanza its name
 * @param pass needed with a cipher, null without
 */
public record RepositorySettings(
        int key, StorageSettings storage, String stanza, CipherType cipher, @Nullable Secret pass) {
    public RepositorySettings {
        if (stanza.isEmpty() || stanza.contains("/") || stanza.startsWith(".")) {
            throw new IllegalArgumentException(
                    "stanza must be a name without slashes, was \"" + stanza + "\"");
        }
        if ((cipher == CipherType.NONE) != (pass == null)) {
            throw new IllegalArgumentException(
                    "repo" + key + " must have a cipher pass exactly when it has a cipher");
        }
    }
}
