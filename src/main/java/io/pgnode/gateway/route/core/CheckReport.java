package io.pgnode.gateway.route.core;

/**
 * The last health check of a server, as HAProxy reports it.
 *
 * @param status {@code L7OK}, {@code L7STS}, {@code L4CON}, {@code L4TOUT}, {@code L7TOUT}, {@code
 *     L7RSP}; empty when the server is not checked
 * @param code HTTP status; zero for none
 * @param millis how long it took
 * @param health how near to the next change, of {@code 0..rise + fall - 1}
 * @param failures failed checks while up
 */
public record CheckReport(
        String status,
        int code,
        long millis,
        String description,
        int rise,
        int fall,
        int health,
        long failures) {
    public static final CheckReport NONE = new CheckReport("", 0, 0, "", 0, 0, 0, 0);
}
