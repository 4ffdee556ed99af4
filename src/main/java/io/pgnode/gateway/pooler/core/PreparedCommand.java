package io.pgnode.gateway.pooler.core;

import java.util.Locale;
import java.util.Optional;

/**
 * A statement that names a prepared statement in SQL: {@code PREPARE}, {@code EXECUTE} or {@code
 * DEALLOCATE}, alone in its query.
 *
 * @param name as the server would fold it
 * @param before the text up to the name
 * @param after the text behind the name
 */
public record PreparedCommand(Kind kind, String name, String before, String after) {
    /** What it does. */
    public enum Kind {
        PREPARE,
        EXECUTE,
        DEALLOCATE
    }

    /** Empty for anything else; such a query is forwarded as it is. */
    public static Optional<PreparedCommand> parse(String sql) {
        Scanner scanner = new Scanner(sql);
        Optional<Kind> kind =
                switch (scanner.word()) {
                    case "prepare" -> Optional.of(Kind.PREPARE);
                    case "execute" -> Optional.of(Kind.EXECUTE);
                    case "deallocate" -> Optional.of(Kind.DEALLOCATE);
                    default -> Optional.empty();
                };
        if (kind.isEmpty() || !isAlone(sql)) {
            return Optional.empty();
        }
        int begin = scanner.nextToken();
        String name = scanner.identifier();
        boolean quoted = begin < sql.length() && sql.charAt(begin) == '"';
        if (kind.get() == Kind.DEALLOCATE && !quoted && name.equals("prepare")) {
            begin = scanner.nextToken();
            name = scanner.identifier();
            quoted = begin < sql.length() && sql.charAt(begin) == '"';
        }
        boolean reserved =
                !quoted
                        && (kind.get() == Kind.DEALLOCATE && name.equals("all")
                                || kind.get() == Kind.PREPARE && name.equals("transaction"));
        if (name.isEmpty() || reserved) {
            return Optional.empty();
        }
        return Optional.of(
                new PreparedCommand(
                        kind.get(), name, sql.substring(0, begin), sql.substring(scanner.at)));
    }

    /** The same with another name, which needs no quotes. */
    public String withName(String other) {
        return before + other + after;
    }

    /** Whether there is no second statement; a semicolon in a string or a comment counts as one. */
    private static boolean isAlone(String sql) {
        int semicolon = sql.indexOf(';');
        return semicolon < 0 || sql.substring(semicolon + 1).isBlank();
    }

    private static final class Scanner {
        private final String sql;
        private int at;

        Scanner(String sql) {
            this.sql = sql;
        }

        /** The next unquoted word in lower case; empty when there is none. */
        String word() {
            var _ = nextToken();
            int begin = at;
            while (at < sql.length() && isNamePart(sql.charAt(at))) {
                at++;
            }
            return sql.substring(begin, at).toLowerCase(Locale.ROOT);
        }

        /** Skips blanks and comments; the index of what follows. */
        int nextToken() {
            while (at < sql.length()) {
                if (Character.isWhitespace(sql.charAt(at))) {
                    at++;
                } else if (sql.startsWith("--", at)) {
                    int end = sql.indexOf('\n', at);
                    at = end < 0 ? sql.length() : end + 1;
                } else if (sql.startsWith("/*", at)) {
                    skipComment();
                } else {
                    break;
                }
            }
            return at;
        }

        private void skipComment() {
            int depth = 0;
            do {
                if (sql.startsWith("/*", at)) {
                    depth++;
                    at += 2;
                } else if (sql.startsWith("*/", at)) {
                    depth--;
                    at += 2;
                } else {
                    at++;
                }
            } while (depth > 0 && at < sql.length());
        }

        String identifier() {
            if (at >= sql.length() || sql.charAt(at) != '"') {
                return word();
            }
            StringBuilder name = new StringBuilder();
            at++;
            while (at < sql.length()) {
                char c = sql.charAt(at++);
                if (c != '"') {
                    name.append(c);
                } else if (at < sql.length() && sql.charAt(at) == '"') {
                    name.append('"');
                    at++;
                } else {
                    return name.toString();
                }
            }
            return "";
        }

        private static boolean isNamePart(char c) {
            return Character.isLetterOrDigit(c) || c == '_' || c == '$';
        }
    }
}
