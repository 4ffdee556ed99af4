package io.pgnode.gateway.pooler.ini;

/**
 * A line that cannot be honoured.
 *
 * @param where file and line
 */
public record IniProblem(String where, String message, String hint) {
    @Override
    public String toString() {
        return where + ": " + message + (hint.isEmpty() ? "" : "\n  HINT: " + hint);
    }
}
