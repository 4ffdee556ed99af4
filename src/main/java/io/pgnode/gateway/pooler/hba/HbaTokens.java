package io.pgnode.gateway.pooler.hba;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Splits lines as PostgreSQL does: fields between blanks, values of a field between commas, quotes
 * take the meaning from keywords, {@code #} begins a comment, a backslash at the end goes on.
 */
final class HbaTokens {
    /**
     * A value.
     *
     * @param isQuoted has no special meaning
     */
    record Token(String text, boolean isQuoted) {
        boolean is(String keyword) {
            return !isQuoted && text.equals(keyword);
        }

        /** A regular expression may be quoted, since it may hold commas and blanks. */
        boolean isPattern() {
            return text.startsWith("/") && text.length() > 1;
        }

        boolean begins(String mark) {
            return !isQuoted && text.startsWith(mark) && text.length() > mark.length();
        }
    }

    /** A line with its number; one that was continued has the number of its beginning. */
    record Line(int number, String text) {}

    private HbaTokens() {}

    /** Lines with what was continued put together. */
    static List<Line> lines(List<String> raw) {
        List<Line> result = new ArrayList<>();
        StringBuilder open = new StringBuilder();
        int begun = 0;
        for (int i = 0; i < raw.size(); i++) {
            if (open.isEmpty()) {
                begun = i + 1;
            }
            String line = raw.get(i);
            if (line.endsWith("\\")) {
                open.append(line, 0, line.length() - 1);
                if (open.isEmpty()) {
                    open.append(' ');
                }
                continue;
            }
            result.add(new Line(begun, open + line));
            open.setLength(0);
        }
        if (!open.isEmpty()) {
            result.add(new Line(begun, open.toString()));
        }
        return result;
    }

    /** Fields of a line; empty when a quote does not end. */
    static Optional<List<List<Token>>> fields(String line) {
        List<List<Token>> fields = new ArrayList<>();
        List<Token> field = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        boolean isIn = false;
        boolean wasQuoted = false;
        boolean hasToken = false;
        boolean isAfterComma = false;
        for (int i = 0; i <= line.length(); i++) {
            char c = i < line.length() ? line.charAt(i) : '\n';
            if (isIn) {
                if (c == '\n') {
                    return Optional.empty();
                }
                if (c == '"') {
                    if (i + 1 < line.length() && line.charAt(i + 1) == '"') {
                        text.append('"');
                        i++;
                    } else {
                        isIn = false;
                    }
                } else {
                    text.append(c);
                }
                continue;
            }
            boolean isEnd = c == '\n' || c == '#';
            if (c == '"') {
                isIn = true;
                wasQuoted |= text.isEmpty();
                hasToken = true;
            } else if (isEnd || c == ',' || Character.isWhitespace(c)) {
                if (hasToken) {
                    field.add(new Token(text.toString(), wasQuoted));
                    text.setLength(0);
                    hasToken = false;
                    wasQuoted = false;
                    isAfterComma = false;
                }
                if (c == ',') {
                    isAfterComma = true;
                } else if (!field.isEmpty() && !isAfterComma) {
                    fields.add(field);
                    field = new ArrayList<>();
                }
                if (isEnd) {
                    break;
                }
            } else {
                text.append(c);
                hasToken = true;
            }
        }
        if (!field.isEmpty()) {
            fields.add(field);
        }
        return Optional.of(fields);
    }
}
