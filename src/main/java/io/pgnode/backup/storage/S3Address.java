package io.pgnode.backup.storage;

import java.net.URI;
import java.util.Locale;

/**
 * Where a bucket is.
 *
 * @param host as in the header of that name: without the scheme's own port
 * @param prefix of an object's path
 */
record S3Address(String scheme, String host, String prefix) {
    static S3Address of(S3Settings.Bucket bucket) {
        URI endpoint = bucket.endpoint();
        String scheme = endpoint.getScheme().toLowerCase(Locale.ROOT);
        int usual = scheme.equals("https") ? 443 : 80;
        boolean named = endpoint.getPort() >= 0 && endpoint.getPort() != usual;
        String host = endpoint.getHost() + (named ? ":" + endpoint.getPort() : "");
        return switch (bucket.uriStyle()) {
            case HOST -> new S3Address(scheme, bucket.name() + "." + host, "/");
            case PATH -> new S3Address(scheme, host, "/" + bucket.name() + "/");
        };
    }

    boolean isTls() {
        return scheme.equals("https");
    }

    /** Escaped, as it is signed and sent. */
    String path(String key) {
        return UriText.path(prefix + key);
    }

    /**
     * @param path escaped
     * @param query escaped
     */
    URI uri(String path, String query) {
        return URI.create(scheme + "://" + host + path + (query.isEmpty() ? "" : "?" + query));
    }
}
