package io.pgnode.gateway.pooler.console;

import java.util.ArrayList;
import java.util.List;

/**
 * A word of a statement.
 *
 * @param text without its quotes
 * @param isWord and not a quoted name, a literal or a sign
 */
record Token(String text, boolean isWord) {
    boolean is(String word) {
        return isWord && text.equalsIgnoreCase(word);
    }

    /** Splits at blanks, semicolons and equals signs; the latter two are tokens of their own. */
    static List<Token> split(String sql) {
        List<Token> tokens = new ArrayList<>();
        int at = 0;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (Character.isWhitespace(c)) {
                at++;
            } else if (c == ';' || c == '=') {
                tokens.add(new Token(String.valueOf(c), false));
                at++;
            } else if (c == '\'' || c == '"') {
                StringBuilder text = new StringBuilder();
                at = quoted(sql, at + 1, c, text);
                tokens.add(new Token(text.toString(), false));
            } else if (sql.startsWith("--", at)) {
                int end = sql.indexOf('\n', at);
                at = end < 0 ? sql.length() : end;
            } else if (sql.startsWith("/*", at)) {
                int end = sql.indexOf("*/", at + 2);
                at = end < 0 ? sql.length() : end + 2;
            } else {
                int end = at;
                while (end < sql.length() && !isEnd(sql.charAt(end))) {
                    end++;
                }
                tokens.add(new Token(sql.substring(at, end), true));
                at = end;
            }
        }
        return tokens;
    }

    private static boolean isEnd(char c) {
        return Character.isWhitespace(c) || c == ';' || c == '=' || c == '\'' || c == '"';
    }

    private static int quoted(String sql, int from, char quote, StringBuilder text) {
        int at = from;
        while (at < sql.length()) {
            char c = sql.charAt(at++);
            if (c != quote) {
                text.append(c);
            } else if (at < sql.length() && sql.charAt(at) == quote) {
                text.append(quote);
                at++;
            } else {
                return at;
            }
        }
        return at;
    }

    /** The semicolon, or an equals sign. */
    boolean isSign(char sign) {
        return !isWord && text.length() == 1 && text.charAt(0) == sign;
    }
}
