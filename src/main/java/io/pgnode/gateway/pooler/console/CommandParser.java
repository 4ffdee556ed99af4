package io.pgnode.gateway.pooler.console;

import io.pgnode.wire.ErrorMessage;
import io.pgnode.wire.SqlState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes commands of text. */
final class CommandParser {
    /** PgBouncer's version, which exporters choose their columns by. */
    static final String VERSION = "1.25.1";

    /** Asked for by drivers; the console has no such settings, and says what they would be. */
    private static final Map<String, String> SETTINGS =
            Map.ofEntries(
                    Map.entry("client_encoding", "UTF-8"),
                    Map.entry("datestyle", "ISO"),
                    Map.entry("timezone", "GMT"),
                    Map.entry("standard_conforming_strings", "on"),
                    Map.entry("default_transaction_isolation", "read committed"),
                    Map.entry("transaction_isolation", "read committed"),
                    Map.entry("default_transaction_read_only", "off"),
                    Map.entry("transaction_read_only", "off"),
                    Map.entry("search_path", "public"),
                    Map.entry("max_identifier_length", "63"),
                    Map.entry("server_version", VERSION + "/bouncer"),
                    Map.entry("server_version_num", "12501"));

    /** Set by drivers at their start. */
    private static final Set<String> IGNORED =
            Set.of(
                    "application_name",
                    "bytea_output",
                    "client_min_messages",
                    "extra_float_digits",
                    "intervalstyle",
                    "lock_timeout",
                    "session",
                    "statement_timeout",
                    "transaction");

    /** Those that transactions are made of, and that clean up. */
    private static final Set<String> HARMLESS =
            Set.of(
                    "BEGIN",
                    "START",
                    "COMMIT",
                    "END",
                    "ROLLBACK",
                    "ABORT",
                    "DISCARD",
                    "DEALLOCATE",
                    "RESET",
                    "CLOSE",
                    "UNLISTEN");

    /** Statements in one text: far more than anybody sends, and few enough to be kept. */
    private static final int MAX_STATEMENTS = 100;

    /** Of a hold that names none. */
    private static final Duration HOLD_LIMIT = Duration.ofSeconds(30);

    private static final int MAX_HOLD_SECONDS = 86_400;

    private CommandParser() {}

    /** The text is no command. */
    static final class Rejected extends Exception {
        private final transient ErrorMessage error;

        Rejected(ErrorMessage error) {
            super(error.message(), null, false, false);
            this.error = error;
        }

        ErrorMessage error() {
            return error;
        }
    }

    /** The statements of a text, at least one. */
    static List<Command> parse(String sql) throws Rejected {
        List<Command> commands = new ArrayList<>();
        List<Token> statement = new ArrayList<>();
        for (Token token : Token.split(sql)) {
            if (!token.isSign(';')) {
                statement.add(token);
            } else if (!statement.isEmpty()) {
                commands.add(one(statement, sql));
                statement.clear();
            }
        }
        if (!statement.isEmpty()) {
            commands.add(one(statement, sql));
        }
        if (commands.size() > MAX_STATEMENTS) {
            throw rejected("too many commands in one text");
        }
        if (commands.isEmpty()) {
            commands.add(new Command.Nothing());
        }
        return commands;
    }

    private static Command one(List<Token> tokens, String sql) throws Rejected {
        Token first = tokens.getFirst();
        String verb = first.isWord() ? first.text().toUpperCase(Locale.ROOT) : "";
        Command command =
                switch (verb) {
                    case "SHOW", "SELECT" -> show(tokens);
                    case "EXPLAIN" -> explain(tokens);
                    case "SET" -> set(tokens);
                    case "PAUSE", "RESUME", "RECONNECT", "KILL", "WAIT_CLOSE" ->
                            tokens.size() > 2
                                    ? null
                                    : new Command.Act(Command.Verb.valueOf(verb), argument(tokens));
                    case "DISABLE", "ENABLE" -> named(tokens, Command.Verb.valueOf(verb));
                    case "HOLD" -> hold(tokens);
                    case "RELEASE" -> tokens.size() > 2 ? null : new Command.Release(scope(tokens));
                    case "KILL_CLIENT" -> killClient(tokens);
                    case "RELOAD" -> tokens.size() == 1 ? new Command.Reload() : null;
                    case "SHUTDOWN" -> shutdown(tokens);
                    default ->
                            HARMLESS.contains(verb)
                                    ? new Command.Ignored(
                                            verb.equals("START") ? "BEGIN" : verb, false)
                                    : null;
                };
        if (command == null) {
            throw rejected("invalid command '" + sql + "', use SHOW HELP;");
        }
        return command;
    }

    private static String argument(List<Token> tokens) {
        return tokens.size() < 2 ? "" : tokens.get(1).text();
    }

    private static Rejected rejected(String message) {
        return new Rejected(ErrorMessage.error(SqlState.SYNTAX_ERROR, message));
    }

    private static @Nullable Command named(List<Token> tokens, Command.Verb verb) throws Rejected {
        if (tokens.size() > 2) {
            return null;
        }
        if (tokens.size() < 2) {
            throw rejected("a database is required");
        }
        return new Command.Act(verb, argument(tokens));
    }

    private static @Nullable Command show(List<Token> tokens) {
        if (tokens.size() == 4
                && tokens.get(1).is("TRANSACTION")
                && tokens.get(2).is("ISOLATION")
                && tokens.get(3).is("LEVEL")) {
            return setting("transaction_isolation");
        }
        if (tokens.size() != 2) {
            return null;
        }
        String word = argument(tokens);
        Topic topic = Topic.of(word).orElse(null);
        return topic != null ? new Command.Show(topic) : setting(word.toLowerCase(Locale.ROOT));
    }

    private static @Nullable Command setting(String name) {
        String value = SETTINGS.get(name);
        return value == null ? null : new Command.ShowSetting(name, value);
    }

    private static @Nullable Command explain(List<Token> tokens) {
        if (tokens.size() < 2 || tokens.size() > 4 || !tokens.get(1).is("POOL")) {
            return null;
        }
        return new Command.Explain(
                tokens.size() < 3 ? "" : tokens.get(2).text(),
                tokens.size() < 4 ? "" : tokens.get(3).text());
    }

    private static @Nullable Command set(List<Token> tokens) {
        if (tokens.size() < 3) {
            return null;
        }
        String key = tokens.get(1).text().toLowerCase(Locale.ROOT);
        if (key.equals("session") || key.equals("transaction")) {
            return new Command.Ignored("SET", true);
        }
        boolean hasValue = tokens.get(2).isSign('=') || tokens.get(2).is("TO");
        if (!hasValue || tokens.size() > 4) {
            return null;
        }
        if (SETTINGS.containsKey(key) || IGNORED.contains(key)) {
            return new Command.Ignored("SET", true);
        }
        return new Command.Set(key, tokens.size() < 4 ? "" : tokens.get(3).text());
    }

    private static String scope(List<Token> tokens) {
        return tokens.size() < 2 ? "local" : tokens.get(1).text().toLowerCase(Locale.ROOT);
    }

    /** HOLD [scope] [FOR seconds]. */
    private static @Nullable Command hold(List<Token> tokens) throws Rejected {
        int size = tokens.size();
        boolean isLimited = size > 2 && tokens.get(size - 2).is("FOR");
        List<Token> head = isLimited ? tokens.subList(0, size - 2) : tokens;
        if (head.size() > 2) {
            return null;
        }
        return new Command.HoldScope(
                scope(head), isLimited ? seconds(tokens.getLast().text()) : HOLD_LIMIT);
    }

    private static Duration seconds(String text) throws Rejected {
        try {
            double seconds = Double.parseDouble(text);
            if (seconds > 0 && seconds <= MAX_HOLD_SECONDS) {
                return Duration.ofMillis((long) (seconds * 1000));
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw rejected("invalid number of seconds: " + text);
    }

    private static @Nullable Command killClient(List<Token> tokens) throws Rejected {
        if (tokens.size() > 2) {
            return null;
        }
        if (tokens.size() < 2) {
            throw rejected("a client id is required");
        }
        try {
            return new Command.KillClient(Long.parseLong(argument(tokens)));
        } catch (NumberFormatException e) {
            throw rejected("invalid client id: " + argument(tokens));
        }
    }

    private static @Nullable Command shutdown(List<Token> tokens) {
        if (tokens.size() == 1) {
            return new Command.End(Shutdown.NOW);
        }
        if (tokens.size() > 2) {
            return null;
        }
        return switch (argument(tokens).toUpperCase(Locale.ROOT)) {
            case "WAIT_FOR_SERVERS" -> new Command.End(Shutdown.WAIT_FOR_SERVERS);
            case "WAIT_FOR_CLIENTS" -> new Command.End(Shutdown.WAIT_FOR_CLIENTS);
            default -> null;
        };
    }
}
