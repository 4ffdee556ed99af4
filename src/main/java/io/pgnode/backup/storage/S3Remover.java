package io.pgnode.backup.storage;

import io.pgnode.backup.storage.StorageException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Removes objects, many at once where the store can. */
final class S3Remover {
    private static final int BATCH = 1000;

    private final S3Client client;

    /** Some stores have no batches; found out once. */
    private volatile boolean oneByOne;

    S3Remover(S3Client client) {
        this.client = client;
    }

    void remove(String key) throws IOException {
        client.callOrNull(S3Request.of("DELETE", key, "remove"), answer -> answer.body().length);
    }

    void removeAll(List<String> keys) throws IOException {
        for (int from = 0; from < keys.size(); from += BATCH) {
            List<String> batch = keys.subList(from, Math.min(from + BATCH, keys.size()));
            for (String left : oneByOne || batch.size() == 1 ? batch : removeBatch(batch)) {
                remove(left);
            }
        }
    }

    /** Returns those that must be tried one by one, for their removal or for their error. */
    private List<String> removeBatch(List<String> keys) throws IOException {
        var text = new StringBuilder("<Delete><Quiet>true</Quiet>");
        for (String key : keys) {
            if (!Xml.isText(key)) {
                return keys;
            }
            text.append("<Object><Key>").append(Xml.escaped(key)).append("</Key></Object>");
        }
        byte[] body = Texts.utf8(text.append("</Delete>").toString());
        S3Request request =
                S3Request.of("POST", "", "remove " + keys.size() + " objects of")
                        .parameter("delete", "")
                        .header("content-md5", Digests.base64(Digests.md5(body)))
                        .header("content-type", "application/xml")
                        .body(body, body.length);
        try {
            return client.call(request, answer -> failed(answer.xml()));
        } catch (StorageException e) {
            if (e.kind() == Kind.OTHER) {
                oneByOne = true;
                return keys;
            }
            throw e;
        }
    }

    private static List<String> failed(Xml result) throws IOException {
        if (!result.name().equals("DeleteResult")) {
            throw new BadAnswerException("answer is not of a removal but " + result.name());
        }
        var failed = new ArrayList<String>();
        for (Xml error : result.all("Error")) {
            if (!error.textOf("Code").equals("NoSuchKey")) {
                failed.add(error.textOf("Key"));
            }
        }
        return failed;
    }
}
