package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.ini.PoolerIni;
import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.Opening;
import io.pgnode.wire.SqlState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings that a startup packet asks for. Every parameter is accepted; those that are to be
 * ignored are left out.
 *
 * @param values in the order they are to be applied
 * @param replication {@code true} or {@code database} for a replication connection; else empty
 * @param refusal why the login cannot go on; null when it can
 */
record StartupSettings(
        Map<String, String> values, String replication, @Nullable ErrorMessage refusal) {
    private static final String PHYSICAL = "true";
    private static final String LOGICAL = "database";
    private static final Set<String> ALWAYS_TRACKED =
            Set.of(
                    "client_encoding",
                    "datestyle",
                    "timezone",
                    "standard_conforming_strings",
                    "application_name");

    /**
     * @param from address of the client, as appended to its application's name
     */
    static StartupSettings of(Opening.Login login, PoolerIni.Startup rules, String from) {
        Map<String, String> values = new LinkedHashMap<>();
        Map<String, String> parameters = login.parameters();
        String replication = parameters.getOrDefault("replication", "false");
        String kind = kind(replication);
        if (kind == null) {
            return refused("invalid value for parameter \"replication\": \"" + replication + "\"");
        }
        String options = parameters.get("options");
        if (options != null) {
            String wrong = options(options, values);
            if (!wrong.isEmpty() && !rules.ignored().contains("options")) {
                return refused("unsupported startup parameter in options: " + wrong);
            }
        }
        parameters.forEach(
                (name, value) -> {
                    switch (name) {
                        case "user", "database", "replication", "options" -> {}
                        default -> values.put(name, value);
                    }
                });
        values.keySet().removeIf(name -> rules.ignored().contains(name) && !isTracked(name, rules));
        String application = values.get("application_name");
        if (rules.isHostAddedToName()) {
            values.put(
                    "application_name", (application == null ? "app" : application) + " - " + from);
        }
        return new StartupSettings(values, kind, null);
    }

    private static @Nullable String kind(String replication) {
        return switch (replication.toLowerCase(Locale.ROOT)) {
            case "false", "off", "no", "0", "f", "n" -> "";
            case "true", "on", "yes", "1", "t", "y" -> PHYSICAL;
            case LOGICAL -> LOGICAL;
            default -> null;
        };
    }

    /** Rules name such a connection by a word of its own, whatever its database. */
    boolean isPhysicalReplication() {
        return replication.equals(PHYSICAL);
    }

    private static boolean isTracked(String name, PoolerIni.Startup rules) {
        return ALWAYS_TRACKED.contains(name.toLowerCase(Locale.ROOT))
                || rules.tracked().contains(name);
    }

    private static StartupSettings refused(String message) {
        return new StartupSettings(
                Map.of(), "", ErrorMessage.fatal(SqlState.FEATURE_NOT_SUPPORTED, message));
    }

    /**
     * Takes {@code -c name=value} and {@code --name=value}; the first that is neither, or empty.
     */
    static String options(String text, Map<String, String> values) {
        List<String> words = words(text);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            String assignment;
            if (word.equals("-c") && i + 1 < words.size()) {
                i++;
                assignment = words.get(i);
            } else if (word.startsWith("-c") || word.startsWith("--")) {
                assignment = word.substring(2);
            } else {
                return word;
            }
            int equals = assignment.indexOf('=');
            if (equals <= 0) {
                return word;
            }
            values.put(
                    assignment.substring(0, equals).replace('-', '_'),
                    assignment.substring(equals + 1));
        }
        return "";
    }

    /** Words between blanks; a backslash takes the meaning from the character behind it. */
    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean isOpen = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                i++;
                word.append(text.charAt(i));
                isOpen = true;
            } else if (Character.isWhitespace(c)) {
                if (isOpen) {
                    words.add(word.toString());
                    word.setLength(0);
                    isOpen = false;
                }
            } else {
                word.append(c);
                isOpen = true;
            }
        }
        if (isOpen) {
            words.add(word.toString());
        }
        return words;
    }
}
