package io.pgnode.config;

/** Names inside dotted keys. */
final class Names {
    private Names() {}

    /** The name as it stands in a dotted key: in double quotes when it is not a plain word. */
    static String quoted(String name) {
        return name.matches("[A-Za-z0-9_-]+")
                ? name
                : "\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /** The first name of a dotted key, with its quotes. */
    static String first(String key) {
        boolean inQuotes = false;
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c == '\\' && inQuotes) {
                i++;
            } else if (c == '"') {
                inQuotes = !inQuotes;
            } else if (c == '.' && !inQuotes) {
                return key.substring(0, i);
            }
        }
        return key;
    }

    /** How many characters to insert, remove, replace or swap to get from one to the other. */
    static int distance(String from, String to) {
        int[][] cost = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : step(from, to, i, j, cost);
            }
        }
        return cost[from.length()][to.length()];
    }

    private static int step(String from, String to, int i, int j, int[][] cost) {
        int replaced = cost[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped =
                i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
        return swapped ? Math.min(best, 1 + cost[i - 2][j - 2]) : best;
    }

    /** Whether PostgreSQL could have a parameter of this name. */
    static boolean isParameter(String name) {
        return name.matches("[A-Za-z_][A-Za-z0-9_$]*(\\.[A-Za-z_][A-Za-z0-9_$]*)*");
    }
}
