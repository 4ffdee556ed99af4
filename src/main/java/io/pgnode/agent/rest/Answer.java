package io.pgnode.agent.rest;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A response, ready to be written.
 *
 * @param contentType empty when there is no body
 */
record Answer(int status, String contentType, String body, Map<String, String> headers) {
    Answer {
        headers = Map.copyOf(headers);
    }

    static Answer json(int status, String body) {
        return new Answer(status, "application/json", body, Map.of());
    }

    /** Texts are for people; the type keeps a browser from reading them as a page. */
    static Answer text(int status, String body) {
        return new Answer(status, "text/plain; charset=utf-8", body, Map.of());
    }

    static Answer empty(int status) {
        return new Answer(status, "", "", Map.of());
    }

    static Answer unsupported(String method) {
        return text(501, "Unsupported method ('" + method + "')");
    }

    Answer with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Answer(status, contentType, body, more);
    }
}
