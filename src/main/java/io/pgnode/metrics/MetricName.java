package io.pgnode.metrics;

/** The rules for names of metrics and labels. */
final class MetricName {
    private MetricName() {}

    /** {@code [a-zA-Z_:][a-zA-Z0-9_:]*}. */
    static boolean isValid(String name) {
        return matches(name, true);
    }

    /** {@code [a-zA-Z_][a-zA-Z0-9_]*}. */
    static boolean isValidLabel(String name) {
        return matches(name, false);
    }

    private static boolean matches(String name, boolean colonAllowed) {
        if (name.isEmpty()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean allowed =
                    c >= 'a' && c <= 'z'
                            || c >= 'A' && c <= 'Z'
                            || c == '_'
                            || colonAllowed && c == ':'
                            || i > 0 && c >= '0' && c <= '9';
            if (!allowed) {
                return false;
            }
        }
        return true;
    }
}
