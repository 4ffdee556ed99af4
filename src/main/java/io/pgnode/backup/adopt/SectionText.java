package io.pgnode.backup.adopt;

import io.pgnode.config.Secret;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** A section of our configuration being put together, key by key; prints as YAML. */
final class SectionText {
    /** What needs no quotes in YAML, and is no number, date or truth value there. */
    private static final Pattern PLAIN = Pattern.compile("[/A-Za-z][A-Za-z0-9_./-]*");

    private static final Pattern WORDS_OF_YAML =
            Pattern.compile("(?i)y|n|yes|no|on|off|true|false|null");

    private final Map<String, Object> tree = new LinkedHashMap<>();

    /**
     * @param path keys from the top, separated by dots
     * @param value text, a number, a truth value or a {@link Secret}
     */
    void put(String path, Object value) {
        Map<String, Object> at = tree;
        String[] keys = path.split("\\.", -1);
        for (int i = 0; i < keys.length - 1; i++) {
            at = child(at, keys[i]);
        }
        at.put(keys[keys.length - 1], value);
    }

    @SuppressWarnings("unchecked") // only put writes into the tree
    private static Map<String, Object> child(Map<String, Object> of, String key) {
        return (Map<String, Object>) of.computeIfAbsent(key, _ -> new LinkedHashMap<>());
    }

    /** With {@code ***} for each secret. */
    String printable() {
        return print(false);
    }

    /** As the file has to have it. */
    String withSecrets() {
        return print(true);
    }

    private String print(boolean revealed) {
        StringBuilder text = new StringBuilder();
        print(tree, "", revealed, text);
        return text.toString();
    }

    @SuppressWarnings("unchecked") // as above
    private static void print(
            Map<String, Object> of, String indent, boolean revealed, StringBuilder to) {
        of.forEach(
                (key, value) -> {
                    to.append(indent).append(key).append(':');
                    if (value instanceof Map<?, ?> inner) {
                        to.append('\n');
                        print((Map<String, Object>) inner, indent + "  ", revealed, to);
                    } else {
                        to.append(' ').append(scalar(value, revealed)).append('\n');
                    }
                });
    }

    private static String scalar(Object value, boolean revealed) {
        return switch (value) {
            case Secret secret -> quoted(revealed ? secret.reveal() : Secret.MASK);
            case String text ->
                    PLAIN.matcher(text).matches() && !WORDS_OF_YAML.matcher(text).matches()
                            ? text
                            : quoted(text);
            default -> value.toString();
        };
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.chars()
                .forEach(
                        c -> {
                            if (c == '"' || c == '\\') {
                                quoted.append('\\').append((char) c);
                            } else if (c < 0x20 || c == 0x7f) {
                                quoted.append("\\x%02x".formatted(c));
                            } else {
                                quoted.append((char) c);
                            }
                        });
        return quoted.append('"').toString();
    }
}
