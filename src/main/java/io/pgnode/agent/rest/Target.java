package io.pgnode.agent.rest;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks for: the path as it was sent and the query parameters decoded.
 *
 * @param parameters of a name that comes twice, the first value
 */
record Target(String path, Map<String, String> parameters) {
    Target {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /** Reads a request target, with or without {@code http://host} in front. */
    static Target parse(String uri) {
        String rest = uri;
        int scheme = rest.indexOf("://");
        if (scheme > 0 && !rest.startsWith("/")) {
            int slash = rest.indexOf('/', scheme + 3);
            rest = slash < 0 ? "/" : rest.substring(slash);
        }
        int fragment = rest.indexOf('#');
        if (fragment >= 0) {
            rest = rest.substring(0, fragment);
        }
        int question = rest.indexOf('?');
        if (question < 0) {
            return new Target(rest, Map.of());
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : rest.substring(question + 1).split("[&;]", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0 && equals < pair.length() - 1) { // without a value it says nothing
                parameters.putIfAbsent(
                        decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return new Target(rest.substring(0, question), parameters);
    }

    /** {@code config} of {@code /config/x}; empty for {@code /}. */
    String firstSegment() {
        int start = path.startsWith("/") ? 1 : 0;
        int end = path.indexOf('/', start);
        return end < 0 ? path.substring(start) : path.substring(start, end);
    }

    @Nullable String parameter(String name) {
        return parameters.get(name);
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // a stray % stands for itself
        }
    }
}
