package io.pgnode.agent.rest;

/** The REST server cannot listen: the message says where and why, with a hint. */
public final class RestListenException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RestListenException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Explains what the operating system said about a listener. */
    static RestListenException explain(String host, int port, Throwable cause) {
        String where = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        String said = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        if (said.contains("Address already in use")) {
            return new RestListenException(
                    "cannot serve the REST API on "
                            + where
                            + ": the port is in use\nHINT: find its holder with: ss -ltnp 'sport ="
                            + " :"
                            + port
                            + "'; stop it or set another restapi.listen",
                    cause);
        }
        if (said.contains("Permission denied")) {
            return new RestListenException(
                    "cannot serve the REST API on "
                            + where
                            + ": permission denied\nHINT: ports below 1024 need the capability"
                            + " CAP_NET_BIND_SERVICE; use a higher port such as 8008",
                    cause);
        }
        if (said.contains("Cannot assign requested address")) {
            return new RestListenException(
                    "cannot serve the REST API on "
                            + where
                            + ": this host does not have that address\nHINT: see ip -br address,"
                            + " or listen on 0.0.0.0",
                    cause);
        }
        return new RestListenException(
                "cannot serve the REST API on "
                        + where
                        + ": "
                        + said
                        + "\nHINT: check restapi.listen and the certificate files of restapi",
                cause);
    }
}
