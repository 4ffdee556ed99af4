package io.pgnode.backup.storage;

import io.pgnode.backup.storage.StorageException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An object, or a part of one, as a stream. When its connection breaks it goes on with another one,
 * as long as the object is the same.
 */
final class S3Input extends InputStream {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(\\d+|\\*)");

    private final S3Client client;
    private final String key;

    /** The first byte after what is read; {@link Long#MAX_VALUE} when not known. */
    private final long end;

    private final String tag;
    private S3Answer answer;
    private long position;

    /** Opens the whole object. */
    static S3Input open(S3Client client, String key) throws IOException {
        S3Answer answer = client.call(S3Request.of("GET", key, "read"), one -> one);
        OptionalLong length = answer.length();
        return new S3Input(client, key, answer, 0, length.orElse(Long.MAX_VALUE));
    }

    /** Opens a part, all of which must be there. */
    static S3Input open(S3Client client, String key, long offset, long length) throws IOException {
        S3Answer answer = client.call(range(key, offset, offset + length), one -> one);
        try {
            checkStart(client, key, answer, offset);
            return new S3Input(client, key, answer, offset, offset + length);
        } catch (IOException e) {
            answer.close();
            throw e;
        }
    }

    private static S3Request range(String key, long offset, long end) {
        String last = end == Long.MAX_VALUE ? "" : Long.toString(end - 1);
        return S3Request.of("GET", key, "read").header("range", "bytes=" + offset + "-" + last);
    }

    private static void checkStart(S3Client client, String key, S3Answer answer, long offset)
            throws StorageException {
        Matcher range = CONTENT_RANGE.matcher(answer.header("content-range"));
        boolean right =
                answer.status() == 206
                        && range.matches()
                        && range.group(1).equals(Long.toString(offset));
        if (!right) {
            throw new StorageException(
                    Kind.DAMAGED,
                    "cannot read "
                            + client.name(key)
                            + ": asked for bytes from "
                            + offset
                            + ", the answer has others");
        }
    }

    private S3Input(S3Client client, String key, S3Answer answer, long position, long end) {
        this.client = client;
        this.key = key;
        this.answer = answer;
        this.tag = answer.header("etag");
        this.position = position;
        this.end = end;
    }

    /** Bytes of the whole object; empty when the store did not say. */
    OptionalLong length() {
        return answer.length();
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] data, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        int wanted = (int) Math.min(length, end - position);
        if (length == 0 || wanted <= 0) {
            return length == 0 ? 0 : -1;
        }
        int count = readOn(data, offset, wanted);
        if (count < 0 && end != Long.MAX_VALUE) {
            throw new StorageException(
                    Kind.DAMAGED,
                    "cannot read %s: it ends at byte %d, %d are missing"
                            .formatted(client.name(key), position, end - position));
        }
        position += Math.max(count, 0);
        return count;
    }

    private int readOn(byte[] data, int offset, int wanted) throws IOException {
        Retry retry = null;
        while (true) {
            try {
                return answer.stream().read(data, offset, wanted);
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                var failure =
                        new StorageException(
                                Kind.UNREACHABLE,
                                "cannot read %s from byte %d: %s"
                                        .formatted(client.name(key), position, e.getMessage()),
                                e);
                if (retry == null) {
                    retry = client.retry();
                }
                retry.pause(failure);
                reopen(retry, failure);
            }
        }
    }

    private void reopen(Retry retry, StorageException failure) throws IOException {
        answer.close();
        if (tag.isEmpty()) {
            throw failure;
        }
        S3Request rest = range(key, position, end).header("if-match", tag);
        try {
            answer = client.call(rest, retry, one -> one);
        } catch (StorageException e) {
            if (e.kind() == Kind.EXISTS) {
                throw new StorageException(
                        Kind.DAMAGED, client.name(key) + " was replaced while it was read", e);
            }
            throw e;
        }
        checkStart(client, key, answer, position);
    }

    @Override
    public void close() {
        answer.close();
    }
}
