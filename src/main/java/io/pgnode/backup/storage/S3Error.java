package io.pgnode.backup.storage;

import io.pgnode.backup.storage.StorageException.Kind;
import java.io.IOException;
import java.util.Set;

/**
 * What a store says when it does not do what it is asked.
 *
 * @param status of HTTP
 * @param code such as {@code NoSuchKey}; empty when the answer has none
 * @param region the bucket's, when the store says that it is another one; else empty
 */
record S3Error(int status, String code, String message, String region) {
    private static final int MESSAGE_LENGTH = 300;

    private static final Set<String> TRANSIENT =
            Set.of(
                    "RequestTimeout",
                    "SlowDown",
                    "InternalError",
                    "ServiceUnavailable",
                    "Throttling",
                    "ThrottlingException",
                    "RequestLimitExceeded",
                    "TooManyRequests",
                    "OperationAborted",
                    "ConditionalRequestConflict",
                    "BadDigest",
                    "XAmzContentSHA256Mismatch",
                    "IncompleteBody");

    /**
     * Of an answer's body, which may be anything.
     *
     * @param method an answer to {@code HEAD} has none
     */
    static S3Error of(String method, int status, byte[] body, String region) {
        if (method.equals("HEAD") && status == 404) {
            return new S3Error(status, "NoSuchKey", "", region);
        }
        try {
            Xml error = Xml.parse(body);
            if (error.name().equals("Error")) {
                return of(status, error, region);
            }
        } catch (IOException _) {
            // Something in front of the store has answered.
        }
        return new S3Error(status, "", "", region);
    }

    static S3Error of(int status, Xml error, String region) {
        String said = error.textOf("Region");
        return new S3Error(
                status,
                printable(error.textOf("Code")),
                printable(error.textOf("Message")),
                printable(region.isEmpty() ? said : region));
    }

    private static String printable(String text) {
        String line = text.strip().replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= MESSAGE_LENGTH ? line : line.substring(0, MESSAGE_LENGTH) + "…";
    }

    /** Whether the same request may be answered otherwise in a moment. */
    boolean isTransient() {
        return TRANSIENT.contains(code)
                || switch (status) {
                    case 408, 429, 500, 502, 503, 504 -> true;
                    default -> false;
                };
    }

    Kind kind() {
        return switch (code) {
            case "NoSuchKey" -> Kind.MISSING;
            case "QuotaExceeded", "XMinioStorageFull", "InsufficientCapacity" -> Kind.FULL;
            case "NoSuchBucket",
                    "AccessDenied",
                    "InvalidAccessKeyId",
                    "SignatureDoesNotMatch",
                    "ExpiredToken",
                    "InvalidToken",
                    "AuthorizationHeaderMalformed",
                    "PermanentRedirect" ->
                    Kind.DENIED;
            case "BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", "InvalidPart" ->
                    Kind.DAMAGED;
            default -> kindOfStatus();
        };
    }

    private Kind kindOfStatus() {
        if (isTransient()) {
            return Kind.UNREACHABLE;
        }
        return switch (status) {
            case 301, 302, 307, 308, 401, 403 -> Kind.DENIED;
            case 412 -> Kind.EXISTS;
            case 416 -> Kind.DAMAGED;
            case 507 -> Kind.FULL;
            // Without a code, this does not come from the store.
            case 404 -> code.isEmpty() ? Kind.UNREACHABLE : Kind.OTHER;
            default -> Kind.OTHER;
        };
    }

    /** For a message: {@code 403 AccessDenied (access denied)}. */
    String text() {
        var text = new StringBuilder().append(status);
        if (!code.isEmpty()) {
            text.append(' ').append(code);
        }
        if (!message.isEmpty()) {
            text.append(" (").append(message).append(')');
        }
        return text.toString();
    }

    String hint() {
        String hint =
                switch (code) {
                    case "RequestTimeTooSkewed" -> "set this host's clock";
                    case "SignatureDoesNotMatch" -> "check the secret key and the region";
                    case "InvalidAccessKeyId" -> "check the access key";
                    case "ExpiredToken", "InvalidToken" -> "renew the session token";
                    case "NoSuchBucket" ->
                            "check the bucket's name, the endpoint and the URI style";
                    case "AccessDenied" ->
                            "the key needs the rights to list the bucket and to get, put and"
                                    + " delete objects";
                    default -> "";
                };
        if (!region.isEmpty() && kind() == Kind.DENIED) {
            hint = "the bucket's region is " + region;
        } else if (hint.isEmpty() && status == 404 && code.isEmpty()) {
            hint = "check the endpoint, this is not the answer of an S3 store";
        } else if (hint.isEmpty() && status / 100 == 3) {
            hint = "check the endpoint, the region and the URI style";
        }
        return hint.isEmpty() ? "" : "\nHINT: " + hint;
    }
}
