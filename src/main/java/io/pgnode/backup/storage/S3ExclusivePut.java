package io.pgnode.backup.storage;

import io.pgnode.backup.storage.StorageException.Kind;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes objects only when there is none of that name. Some stores do not know the condition, and
 * write all the same; so each is tried first with an object that nobody sees.
 */
final class S3ExclusivePut {
    private final S3Client client;
    private final String prefix;

    /** Null until it is tried. */
    private volatile @Nullable Boolean works;

    S3ExclusivePut(S3Client client, String prefix) {
        this.client = client;
        this.prefix = prefix;
    }

    boolean put(String key, byte[] content) throws IOException {
        checkWorks();
        Retry retry = client.retry();
        if (put(key, content, retry)) {
            return true;
        }
        // The answer to the first attempt may have been lost.
        return retry.attempts() > 1 && isOurs(key, content);
    }

    private boolean put(String key, byte[] content, Retry retry) throws IOException {
        S3Request request =
                S3Request.of("PUT", key, "write")
                        .header("if-none-match", "*")
                        .body(content, content.length);
        try {
            client.call(request, retry, answer -> answer.body().length);
            return true;
        } catch (StorageException e) {
            if (e.kind() == Kind.EXISTS) {
                return false;
            }
            throw e;
        }
    }

    private boolean isOurs(String key, byte[] content) throws IOException {
        try (S3Input in = S3Input.open(client, key)) {
            return Arrays.equals(in.readNBytes(content.length + 1), content);
        } catch (StorageException e) {
            if (e.isMissing()) {
                return false;
            }
            throw e;
        }
    }

    private void checkWorks() throws IOException {
        Boolean known = works;
        if (known == null) {
            known = probe();
            works = known;
        }
        if (!known) {
            throw new StorageException(
                    Kind.OTHER,
                    client.name(prefix)
                            + " cannot write an object only if it is not there\n"
                            + "HINT: use a store that knows the header If-None-Match");
        }
    }

    private boolean probe() throws IOException {
        String key = prefix + Temporary.of("pgnode-probe");
        byte[] content = Texts.utf8("may be removed\n");
        try {
            return put(key, content, client.retry()) && !put(key, content, client.retry());
        } catch (StorageException e) {
            if (e.kind() == Kind.OTHER) {
                return false;
            }
            throw e;
        } finally {
            new S3Remover(client).remove(key);
        }
    }
}
