package io.pgnode.config;

/**
 * Something wrong in the configuration. Never contains a secret.
 *
 * @param key the key it is about; empty when it is about the whole file
 * @param where file with line, or environment variable
 * @param message what is wrong and what is expected, lower case
 * @param hint what to do next; may be empty
 */
public record Problem(String key, String where, String message, String hint) {
    @Override
    public String toString() {
        String line = where.isEmpty() ? message : where + ": " + message;
        return hint.isEmpty() ? line : line + "\n  HINT: " + hint;
    }
}
