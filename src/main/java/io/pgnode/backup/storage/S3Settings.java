package io.pgnode.backup.storage;

import io.pgnode.config.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A part of a bucket of an S3-compatible store, and how to get to it.
 *
 * @param path the repository's root in the bucket, such as {@code /pgbackrest}; empty or {@code /}
 *     is the bucket's
 */
public record S3Settings(Bucket bucket, String path, Keys keys, Tls tls, Times times) {
    public S3Settings {
        path = RepositoryPath.normalize(path);
    }

    /** The system's certificates and the usual times. */
    public S3Settings(Bucket bucket, String path, Keys keys) {
        this(bucket, path, keys, Tls.SYSTEM, Times.USUAL);
    }

    /**
     * Which bucket.
     *
     * @param endpoint scheme ({@code https}, or {@code http} in a trusted network), host and port,
     *     as {@link #endpoint(String, int)} reads it
     * @param region such as {@code us-east-1}; part of what is signed
     */
    public record Bucket(URI endpoint, String name, String region, UriStyle uriStyle) {
        public Bucket {
            if (name.isEmpty() || name.indexOf('/') >= 0) {
                throw new IllegalArgumentException(
                        "not the name of an S3 bucket: \"" + name + "\"");
            }
            if (region.isEmpty()) {
                throw new IllegalArgumentException("S3 region must not be empty");
            }
            if (endpoint.getHost() == null) {
                throw badEndpoint(endpoint.toString(), null);
            }
        }

        /**
         * Reads an endpoint as pgBackRest's configuration has it: a host, maybe with a scheme
         * before and a port after it.
         *
         * @param port used when the text has none; 0 is the scheme's
         */
        public static URI endpoint(String text, int port) {
            URI uri;
            try {
                uri = URI.create(text.contains("://") ? text : "https://" + text);
            } catch (IllegalArgumentException e) {
                throw badEndpoint(text, e);
            }
            String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            boolean known = scheme.equals("https") || scheme.equals("http");
            boolean hostOnly =
                    uri.getHost() != null
                            && uri.getUserInfo() == null
                            && uri.getQuery() == null
                            && (uri.getPath().isEmpty() || uri.getPath().equals("/"));
            if (!known || !hostOnly) {
                throw badEndpoint(text, null);
            }
            int chosen = uri.getPort() > 0 ? uri.getPort() : port;
            int usual = scheme.equals("https") ? 443 : 80;
            String suffix = chosen == 0 || chosen == usual ? "" : ":" + chosen;
            return URI.create(scheme + "://" + uri.getHost() + suffix);
        }

        private static IllegalArgumentException badEndpoint(
                String text, @Nullable IllegalArgumentException cause) {
            return new IllegalArgumentException(
                    "S3 endpoint must be a host, maybe with https:// before and a port after it,"
                            + " was \""
                            + text
                            + "\"",
                    cause);
        }
    }

    /** Where the bucket's name goes in an address. */
    public enum UriStyle {
        /** In front of the endpoint's host name. */
        HOST,
        /** In the path. */
        PATH;

        /**
         * @throws IllegalArgumentException when there is no such style
         */
        public static UriStyle parse(String text) {
            return switch (text) {
                case "host" -> HOST;
                case "path" -> PATH;
                default ->
                        throw new IllegalArgumentException(
                                "S3 URI style must be host or path, was \"" + text + "\"");
            };
        }
    }

    /**
     * Who asks.
     *
     * @param id the access key, which is not secret
     * @param token of a session, with temporary keys
     */
    public record Keys(String id, Secret secret, @Nullable Secret token) {
        public Keys {
            if (id.isEmpty() || secret.reveal().isEmpty()) {
                throw new IllegalArgumentException("S3 keys must not be empty");
            }
        }

        public Keys(String id, Secret secret) {
            this(id, secret, null);
        }
    }

    /**
     * Whom to trust.
     *
     * @param caFile PEM certificates that are trusted instead of the system's
     * @param verify whether the server's certificate and name are checked
     */
    public record Tls(@Nullable Path caFile, boolean verify) {
        public static final Tls SYSTEM = new Tls(null, true);
        public static final Tls NOT_VERIFIED = new Tls(null, false);
    }

    /**
     * How long to wait.
     *
     * @param request one request without an answer, not counting the time that its bytes take on a
     *     slow line
     * @param deadline one call with all its retries
     */
    public record Times(Duration request, Duration deadline) {
        public static final Times USUAL = new Times(Duration.ofSeconds(60), Duration.ofMinutes(3));

        public Times {
            if (!request.isPositive() || !deadline.isPositive()) {
                throw new IllegalArgumentException(
                        "S3 times must be positive, were " + request + " and " + deadline);
            }
        }
    }
}
