package io.pgnode.backup.storage;

import io.pgnode.backup.storage.StorageException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An object that is written in one request when it is small, else in parts, of which one is on its
 * way while the next is filled: two parts are the memory it takes.
 */
final class S3Output implements StorageOutput {
    private static final Pattern MD5 = Pattern.compile("[0-9a-f]{32}");

    private final S3Client client;
    private final String key;
    private final PartSizes sizes;
    private final List<String> tags = new ArrayList<>();
    private byte[] buffer;
    private int filled;
    private long size;
    private @Nullable String uploadId;
    private @Nullable Future<String> underWay;
    private boolean ended;

    S3Output(S3Client client, String key, long expectedSize) {
        this.client = client;
        this.key = key;
        this.sizes = PartSizes.of(expectedSize);
        this.buffer = new byte[Math.clamp(expectedSize, 1024, sizes.size(1))];
    }

    @Override
    public void write(byte[] data, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        checkOpen();
        int from = offset;
        int left = length;
        while (left > 0) {
            int part = partSize();
            if (filled == part) {
                sendPart();
                continue;
            }
            int count = Math.min(left, part - filled);
            reserve(filled + count, part);
            System.arraycopy(data, from, buffer, filled, count);
            filled += count;
            from += count;
            left -= count;
        }
        size += length;
    }

    private int partSize() {
        return sizes.size(tags.size() + (underWay == null ? 1 : 2));
    }

    private void reserve(int needed, int most) {
        if (needed > buffer.length) {
            int doubled = (int) Math.min(2L * buffer.length, most);
            buffer = Arrays.copyOf(buffer, Math.max(needed, doubled));
        }
    }

    /** Hands the buffer over, after the part before has arrived. */
    private void sendPart() throws IOException {
        awaitPart();
        String upload = uploadId;
        if (upload == null) {
            upload = begin();
            uploadId = upload;
        }
        S3Request request =
                S3Request.of("PUT", key, "write")
                        .parameter("partNumber", Integer.toString(tags.size() + 1))
                        .parameter("uploadId", upload)
                        .body(buffer, filled);
        underWay = client.threads().submit(() -> client.call(request, S3Output::tag));
        buffer = new byte[Math.min(buffer.length, sizes.size(tags.size() + 2))];
        filled = 0;
    }

    private String begin() throws IOException {
        return client.call(
                S3Request.of("POST", key, "write").parameter("uploads", ""),
                answer -> {
                    String id = answer.xml().textOf("UploadId");
                    if (id.isEmpty()) {
                        throw new StorageException(
                                Kind.DAMAGED,
                                "cannot write " + client.name(key) + ": upload without an id");
                    }
                    return id;
                });
    }

    private static String tag(S3Answer answer) throws IOException {
        byte[] _ = answer.body();
        String tag = answer.header("etag");
        if (tag.isEmpty()) {
            throw new BadAnswerException("answer has no ETag");
        }
        return tag;
    }

    private void awaitPart() throws IOException {
        Future<String> part = underWay;
        if (part == null) {
            return;
        }
        try {
            tags.add(part.get());
            underWay = null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StorageException known) {
                throw new StorageException(
                        known.kind(), Objects.requireNonNull(known.getMessage()), known);
            }
            throw new IOException("cannot write " + client.name(key), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
    }

    @Override
    public void commit() throws IOException {
        checkOpen();
        if (uploadId == null) {
            client.call(
                    S3Request.of("PUT", key, "write").body(buffer, filled),
                    answer -> answer.body().length);
        } else {
            if (filled > 0) {
                sendPart();
            }
            awaitPart();
            complete(uploadId);
        }
        ended = true;
        close();
    }

    private void complete(String upload) throws IOException {
        var parts = new StringBuilder("<CompleteMultipartUpload>");
        for (int i = 0; i < tags.size(); i++) {
            parts.append("<Part><PartNumber>").append(i + 1).append("</PartNumber><ETag>");
            parts.append(Xml.escaped(tags.get(i))).append("</ETag></Part>");
        }
        byte[] body = Texts.utf8(parts.append("</CompleteMultipartUpload>").toString());
        S3Request request =
                S3Request.of("POST", key, "write")
                        .parameter("uploadId", upload)
                        .header("content-type", "application/xml")
                        .body(body, body.length);
        Retry retry = client.retry();
        try {
            client.call(request, retry, answer -> completed(request, answer));
        } catch (StorageException e) {
            // An answer may have been lost after the deed was done.
            if (retry.attempts() == 1 || !isThere()) {
                throw e;
            }
        }
    }

    /** A store that takes its time says 200 first, and then what became of it. */
    private boolean completed(S3Request request, S3Answer answer) throws IOException {
        Xml result = answer.xml();
        if (result.name().equals("Error")) {
            throw client.failure(request, S3Error.of(answer.status(), result, ""));
        }
        if (!result.name().equals("CompleteMultipartUploadResult")) {
            throw new StorageException(
                    Kind.DAMAGED,
                    "cannot write "
                            + client.name(key)
                            + ": the answer to the last part is "
                            + result.name());
        }
        return true;
    }

    /** Whether the object is the one of these parts: stores derive its tag from theirs. */
    private boolean isThere() throws IOException {
        var digests = new ByteArrayOutputStream();
        for (String tag : tags) {
            String digest = tag.replace("\"", "");
            if (!MD5.matcher(digest).matches()) {
                return false;
            }
            digests.writeBytes(HexFormat.of().parseHex(digest));
        }
        String expected = Digests.hex(Digests.md5(digests.toByteArray())) + "-" + tags.size();
        try {
            return client.call(
                    S3Request.of("HEAD", key, "look at"),
                    answer -> {
                        answer.close();
                        return answer.length().orElse(-1) == size
                                && answer.header("etag").replace("\"", "").equals(expected);
                    });
        } catch (StorageException _) {
            return false;
        }
    }

    private void checkOpen() {
        if (ended) {
            throw new IllegalStateException(client.name(key) + " is not being written any more");
        }
    }

    @Override
    public void close() {
        buffer = new byte[0];
        Future<String> part = underWay;
        if (part != null) {
            part.cancel(true);
        }
        String upload = uploadId;
        if (!ended && upload != null) {
            abort(upload);
        }
        ended = true;
    }

    private void abort(String upload) {
        try {
            client.call(
                    S3Request.of("DELETE", key, "abort the upload of")
                            .parameter("uploadId", upload),
                    client.briefly(),
                    answer -> answer.body().length);
        } catch (IOException _) {
            // What is left is not visible, and removed later with what others left.
        }
    }
}
