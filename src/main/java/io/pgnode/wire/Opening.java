package io.pgnode.wire;

import java.util.List;
import java.util.Map;

/** What a client says first, before anything has a type byte. */
public sealed interface Opening {
    /** The client asks for TLS; the answer is one byte, S or N. */
    record TlsRequest() implements Opening {}

    /** The client asks for GSSAPI encryption; the answer is one byte, N here. */
    record GssRequest() implements Opening {}

    /** Cancel the query of another connection; nothing is answered. */
    record Cancel(CancelKey key) implements Opening {}

    /**
     * A login.
     *
     * @param minorVersion of protocol 3
     * @param parameters in the order they were sent, protocol options left out
     * @param protocolOptions names that begin with {@code _pq_.}, none of which we know
     */
    record Login(int minorVersion, Map<String, String> parameters, List<String> protocolOptions)
            implements Opening {
        /** The role; empty when none was sent. */
        public String user() {
            return parameters.getOrDefault("user", "");
        }

        /** The database, which is named as the user where the client named none. */
        public String database() {
            String database = parameters.getOrDefault("database", "");
            return database.isEmpty() ? user() : database;
        }

        /** Whether this wants more than protocol 3.0, which must then be negotiated down. */
        public boolean needsNegotiation() {
            return minorVersion > 0 || !protocolOptions.isEmpty();
        }
    }
}
