package io.pgnode.dcs.etcd;

import io.grpc.Status;
import io.pgnode.dcs.DcsException;

/** What a gRPC status from etcd tells about the outcome of a request. */
final class EtcdErrors {
    private EtcdErrors() {}

    /** Whether etcd has forgotten our token; asking again with a new one is safe. */
    static boolean isStaleToken(Status status) {
        String text = String.valueOf(status.getDescription());
        return status.getCode() == Status.Code.UNAUTHENTICATED
                || text.contains("invalid auth token")
                || text.contains("revision of auth store is old");
    }

    /** Whether the server refused, so that nothing was applied and nobody else will agree. */
    static boolean isDefinite(Status status) {
        return kind(status) != DcsException.Kind.UNKNOWN;
    }

    static DcsException.Kind kind(Status status) {
        String text = String.valueOf(status.getDescription());
        return switch (status.getCode()) {
            case NOT_FOUND ->
                    text.contains("lease")
                            ? DcsException.Kind.LEASE_NOT_FOUND
                            : DcsException.Kind.INVALID;
            case UNAUTHENTICATED, PERMISSION_DENIED -> DcsException.Kind.DENIED;
            case OUT_OF_RANGE ->
                    text.contains("compacted")
                            ? DcsException.Kind.COMPACTED
                            : DcsException.Kind.INVALID;
            case INVALID_ARGUMENT ->
                    text.contains("user")
                                    || text.contains("password")
                                    || text.contains("auth")
                                    || text.contains("permission")
                            ? DcsException.Kind.DENIED
                            : DcsException.Kind.INVALID;
            case UNIMPLEMENTED, FAILED_PRECONDITION, ALREADY_EXISTS -> DcsException.Kind.INVALID;
            // A full store refuses writes for certain; too many requests are only a bad moment.
            case RESOURCE_EXHAUSTED ->
                    text.contains("space exceeded") || text.contains("larger than max")
                            ? DcsException.Kind.INVALID
                            : DcsException.Kind.UNKNOWN;
            case OK,
                    CANCELLED,
                    UNKNOWN,
                    DEADLINE_EXCEEDED,
                    ABORTED,
                    INTERNAL,
                    UNAVAILABLE,
                    DATA_LOSS ->
                    DcsException.Kind.UNKNOWN;
        };
    }

    static DcsException exception(String what, EtcdEndpoint endpoint, Status status) {
        String reason = status.getDescription();
        Throwable cause = status.getCause();
        return new DcsException(
                kind(status),
                what
                        + " at etcd "
                        + endpoint.address()
                        + " failed: "
                        + (reason == null ? status.getCode() : reason)
                        + (cause == null ? "" : ": " + cause.getMessage()),
                status.asRuntimeException());
    }
}
