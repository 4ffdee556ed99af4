package io.pgnode.backup.storage;

import io.pgnode.backup.storage.StorageException.Kind;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A page of a bucket's list.
 *
 * @param directories what follows a common prefix' last slash
 * @param next where the next page begins; null when this is the last
 */
record S3Listing(List<ObjectInfo> objects, List<String> directories, @Nullable String next) {
    private static final int PAGE = 1000;

    /** Takes pages as they come. */
    @FunctionalInterface
    interface Pages {
        /** Returns whether to go on. */
        boolean page(S3Listing page) throws IOException;
    }

    /**
     * Lists what begins with a prefix; names are without it.
     *
     * @param flat false: what is below a further slash counts as a directory
     */
    static void each(S3Client client, String prefix, boolean flat, int max, Pages pages)
            throws IOException {
        S3Request request =
                S3Request.of("GET", "", "list " + prefix + " in")
                        .parameter("list-type", "2")
                        .parameter("encoding-type", "url")
                        .parameter("max-keys", Integer.toString(max))
                        .parameter("prefix", prefix);
        S3Request first = flat ? request : request.parameter("delimiter", "/");
        Set<String> seen = new HashSet<>();
        String token = "";
        do {
            S3Request one = token.isEmpty() ? first : first.parameter("continuation-token", token);
            S3Listing page = client.call(one, answer -> parse(answer.xml(), prefix));
            if (!pages.page(page)) {
                return;
            }
            token = page.next == null ? "" : page.next;
            if (!token.isEmpty() && !seen.add(token)) {
                throw new StorageException(
                        Kind.DAMAGED,
                        "cannot list " + client.name(prefix) + ": its pages go in a circle");
            }
        } while (!token.isEmpty());
    }

    static void each(S3Client client, String prefix, boolean flat, Pages pages) throws IOException {
        each(client, prefix, flat, PAGE, pages);
    }

    private static S3Listing parse(Xml list, String prefix) throws IOException {
        if (!list.name().equals("ListBucketResult")) {
            throw new BadAnswerException("answer is not a list but " + list.name());
        }
        boolean escaped = list.textOf("EncodingType").equals("url");
        var objects = new ArrayList<ObjectInfo>();
        var directories = new ArrayList<String>();
        try {
            for (Xml one : list.all("Contents")) {
                String name = name(one.textOf("Key"), escaped, prefix);
                Instant modified = Instant.parse(one.textOf("LastModified").strip());
                long size = Long.parseLong(one.textOf("Size").strip());
                objects.add(new ObjectInfo(name, ObjectInfo.Kind.FILE, size, modified));
            }
            for (Xml one : list.all("CommonPrefixes")) {
                String name = name(one.textOf("Prefix"), escaped, prefix);
                directories.add(name.endsWith("/") ? name.substring(0, name.length() - 1) : name);
            }
        } catch (DateTimeParseException | IllegalArgumentException e) {
            throw new BadAnswerException("list is not what it should be: " + e.getMessage(), e);
        }
        boolean more = list.textOf("IsTruncated").strip().equals("true");
        String next = list.textOf("NextContinuationToken");
        if (more && next.isEmpty()) {
            throw new BadAnswerException("list goes on without saying where");
        }
        return new S3Listing(objects, directories, more ? next : null);
    }

    private static String name(String text, boolean escaped, String prefix) throws IOException {
        String key = escaped ? UriText.unescaped(text) : text;
        if (!key.startsWith(prefix)) {
            throw new BadAnswerException("list of " + prefix + " has " + key);
        }
        return key.substring(prefix.length());
    }
}
