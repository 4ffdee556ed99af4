package io.pgnode.agent.rest;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A user name and password for basic authentication. Prints without the password. */
public record Credentials(String username, String password) {
    public Credentials {
        if (username.isEmpty() || username.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    "user name must not be empty or contain \":\", was \"" + username + "\"");
        }
    }

    /** The value of an Authorization header. */
    String header() {
        return "Basic " + Base64.getEncoder().encodeToString(bytes());
    }

    /** Compares in a time that does not depend on where the difference is. */
    boolean matches(@Nullable String header) {
        if (header == null || !header.regionMatches(true, 0, "Basic ", 0, 6)) {
            return false;
        }
        try {
            byte[] given = Base64.getDecoder().decode(header.substring(6).strip());
            return MessageDigest.isEqual(bytes(), given);
        } catch (IllegalArgumentException e) {
            return false; // not base64
        }
    }

    private byte[] bytes() {
        return (username + ":" + password).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "Credentials[username=" + username + ", password=***]";
    }
}
