package io.pgnode.model;

/** A host name or address with a TCP port (1..65535). IPv6 addresses print in brackets. */
public record HostPort(String host, int port) {
    public HostPort {
        if (host.isBlank()) {
            throw new IllegalArgumentException("host must not be empty");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port must be 1..65535, was " + port);
        }
    }

    /**
     * Parses {@code host:port}, {@code [v6]:port}, or {@code host} alone with the given default.
     */
    public static HostPort parse(String text, int defaultPort) {
        String trimmed = text.strip();
        if (trimmed.startsWith("[")) {
            int close = trimmed.indexOf(']');
            if (close < 0) {
                throw new IllegalArgumentException("missing \"]\" in \"" + text + "\"");
            }
            String host = trimmed.substring(1, close);
            String rest = trimmed.substring(close + 1);
            if (rest.isEmpty()) {
                return new HostPort(host, defaultPort);
            }
            if (!rest.startsWith(":")) {
                throw new IllegalArgumentException(
                        "address must be [host]:port, was \"" + text + "\"");
            }
            return new HostPort(host, parsePort(rest.substring(1), text));
        }
        int colon = trimmed.lastIndexOf(':');
        if (colon < 0 || trimmed.indexOf(':') != colon) {
            return new HostPort(trimmed, defaultPort); // no port, or a bare IPv6 address
        }
        return new HostPort(
                trimmed.substring(0, colon), parsePort(trimmed.substring(colon + 1), text));
    }

    private static int parsePort(String port, String text) {
        try {
            return Integer.parseInt(port);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("port must be a number, was \"" + text + "\"", e);
        }
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
