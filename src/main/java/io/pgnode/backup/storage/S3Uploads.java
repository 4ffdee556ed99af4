package io.pgnode.backup.storage;

import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/** Uploads in parts that were begun, and not ended. */
final class S3Uploads {
    private final S3Client client;

    private record Upload(String key, String id) {}

    S3Uploads(S3Client client) {
        this.client = client;
    }

    /**
     * Ends them.
     *
     * @param before begun before this
     * @return how many
     */
    int abort(String prefix, Instant before) throws IOException {
        List<Upload> old = find(prefix, before);
        for (Upload upload : old) {
            client.callOrNull(
                    S3Request.of("DELETE", upload.key, "abort the upload of")
                            .parameter("uploadId", upload.id),
                    answer -> answer.body().length);
        }
        return old.size();
    }

    private List<Upload> find(String prefix, Instant before) throws IOException {
        var found = new ArrayList<Upload>();
        S3Request first =
                S3Request.of("GET", "", "list uploads of " + prefix + " in")
                        .parameter("uploads", "")
                        .parameter("prefix", prefix);
        S3Request next = first;
        String last = "";
        while (true) {
            S3Request request = next;
            Xml page = client.call(request, answer -> check(answer.xml()));
            for (Xml one : page.all("Upload")) {
                String key = one.textOf("Key");
                if (key.startsWith(prefix) && begun(one).isBefore(before)) {
                    found.add(new Upload(key, one.textOf("UploadId")));
                }
            }
            String keyMarker = page.textOf("NextKeyMarker");
            String idMarker = page.textOf("NextUploadIdMarker");
            boolean more = page.textOf("IsTruncated").strip().equals("true");
            if (!more || keyMarker.isEmpty() || (keyMarker + " " + idMarker).equals(last)) {
                return found;
            }
            last = keyMarker + " " + idMarker;
            next = first.parameter("key-marker", keyMarker).parameter("upload-id-marker", idMarker);
        }
    }

    private static Xml check(Xml page) throws IOException {
        if (!page.name().equals("ListMultipartUploadsResult")) {
            throw new BadAnswerException("answer is not a list of uploads but " + page.name());
        }
        return page;
    }

    private static Instant begun(Xml upload) throws IOException {
        try {
            return Instant.parse(upload.textOf("Initiated").strip());
        } catch (DateTimeParseException e) {
            throw new BadAnswerException("upload has a bad time: " + upload.textOf("Initiated"), e);
        }
    }
}
