package io.pgnode.config;

import java.util.ArrayList;
import java.util.List;

/**
 * A program with its arguments, run without a shell. Written as one line: words separated by
 * blanks; quotes, single or double, keep blanks; a backslash keeps the next character.
 *
 * @param words the program first; never empty
 */
public record CommandLine(List<String> words) {
    public CommandLine {
        words = List.copyOf(words);
        if (words.isEmpty() || words.getFirst().isEmpty()) {
            throw new IllegalArgumentException("a command must name a program");
        }
    }

    public static CommandLine parse(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
                word.append(text.charAt(++i));
                inWord = true;
            } else if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
                inWord = true;
            } else if (c > ' ') {
                word.append(c);
                inWord = true;
            } else if (inWord) {
                words.add(word.toString());
                word.setLength(0);
                inWord = false;
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("missing closing " + quote + " in a command");
        }
        if (inWord) {
            words.add(word.toString());
        }
        return new CommandLine(words);
    }

    public String program() {
        return words.getFirst();
    }

    @Override
    public String toString() {
        return String.join(" ", words);
    }
}
