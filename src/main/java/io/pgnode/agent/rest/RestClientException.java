package io.pgnode.agent.rest;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A member's REST API gave no answer: the message says why, with a hint what to do. */
public final class RestClientException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RestClientException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * @param where scheme, host and port
     */
    static RestClientException explain(String where, Duration timeout, Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof RestClientException known) {
            return known;
        }
        return new RestClientException(
                "no answer from the REST API at " + where + ": " + why(where, timeout, cause),
                cause);
    }

    private static String why(String where, Duration timeout, Throwable cause) {
        String said = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        SSLException tls = find(cause, SSLException.class);
        if (tls != null) {
            return tls(tls.getMessage() == null ? said : tls.getMessage());
        }
        NoSuchFileException file = find(cause, NoSuchFileException.class);
        if (file != null) {
            return "no such file: "
                    + file.getFile()
                    + "\nHINT: check the certificate files of the REST client";
        }
        if (cause instanceof TimeoutException) {
            return "timed out after "
                    + timeout.toMillis()
                    + " ms\nHINT: check that the host is up, that no firewall drops the port and"
                    + " that the agent is not stopped";
        }
        if (cause instanceof UnknownHostException) {
            return "the host name does not resolve\nHINT: check api_url of the member and the name"
                    + " service of this host";
        }
        if (cause instanceof ConnectException && said.contains("refused")) {
            return "connection refused\nHINT: check that the agent runs there:"
                    + " systemctl status pgnode";
        }
        if (said.contains("was closed") || said.contains("reset")) {
            return "the connection was closed\nHINT: "
                    + (where.startsWith("https")
                            ? "check that the API serves TLS, else use http"
                            : "check whether the API serves TLS, then use https")
                    + " in api_url";
        }
        return said + "\nHINT: check api_url of the member and the network between";
    }

    private static String tls(String said) {
        if (said.contains("certificate_required")
                || said.contains("bad_certificate")
                || said.contains("handshake_failure")) {
            return "it wants a client certificate ("
                    + said
                    + ")\nHINT: set the certificate and key file of the REST client";
        }
        if (said.contains("not an SSL/TLS record")) {
            return "it does not serve TLS\nHINT: use http in api_url";
        }
        return "its certificate is not trusted ("
                + said
                + ")\nHINT: set the CA file of the REST client to the one that signed it, and check"
                + " that the certificate names this host";
    }

    private static <T extends Throwable> @Nullable T find(Throwable cause, Class<T> type) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return type.cast(t);
            }
        }
        return null;
    }
}
