package io.pgnode.backup.core;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Entries of a section, or members of an object, by key: typed, or a {@link FormatException} that
 * says which one is wrong.
 *
 * @param place for messages
 */
record InfoFields(String kind, String place, Map<String, @Nullable Object> entries) {
    @SuppressWarnings("unchecked") // JSON objects have text as keys.
    static InfoFields of(String kind, String place, @Nullable Object value) throws FormatException {
        if (value instanceof Map<?, ?> map) {
            return new InfoFields(kind, place, (Map<String, @Nullable Object>) map);
        }
        throw new FormatException(kind, place, "must be an object");
    }

    boolean has(String key) {
        return entries.get(key) != null;
    }

    private FormatException wrong(String key, String must) {
        return new FormatException(
                kind, place + " " + key, entries.containsKey(key) ? must : "is missing");
    }

    String text(String key) throws FormatException {
        if (entries.get(key) instanceof String text) {
            return text;
        }
        throw wrong(key, "must be text");
    }

    long number(String key) throws FormatException {
        if (entries.get(key) instanceof Long number) {
            return number;
        }
        throw wrong(key, "must be a number");
    }

    /** A number that is not negative. */
    long size(String key) throws FormatException {
        long size = number(key);
        if (size < 0) {
            throw wrong(key, "must not be negative");
        }
        return size;
    }

    int integer(String key) throws FormatException {
        long number = number(key);
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw wrong(key, "must be 0 to " + Integer.MAX_VALUE + ", is " + number);
        }
        return (int) number;
    }

    /** An unsigned number as text. */
    String unsigned(String key) throws FormatException {
        return Long.toUnsignedString(number(key));
    }

    Instant time(String key) throws FormatException {
        long seconds = number(key);
        if (Math.abs(seconds) > Instant.MAX.getEpochSecond()) {
            throw wrong(key, "is no time: " + seconds);
        }
        return Instant.ofEpochSecond(seconds);
    }

    boolean flag(String key) throws FormatException {
        if (entries.get(key) instanceof Boolean flag) {
            return flag;
        }
        throw wrong(key, "must be true or false");
    }

    boolean flag(String key, boolean otherwise) throws FormatException {
        return has(key) ? flag(key) : otherwise;
    }

    @Nullable Boolean optionalFlag(String key) throws FormatException {
        return has(key) ? Boolean.valueOf(flag(key)) : null;
    }

    @Nullable Long optionalSize(String key) throws FormatException {
        return has(key) ? Long.valueOf(size(key)) : null;
    }

    @Nullable Integer optionalInteger(String key) throws FormatException {
        return has(key) ? Integer.valueOf(integer(key)) : null;
    }

    @Nullable String optionalText(String key) throws FormatException {
        return has(key) ? text(key) : null;
    }

    /** Text that has a form of its own. */
    <T> T parsed(String key, Function<String, T> parser) throws FormatException {
        return parsed(key, text(key), parser);
    }

    <T> @Nullable T optionalParsed(String key, Function<String, T> parser) throws FormatException {
        return has(key) ? parsed(key, text(key), parser) : null;
    }

    <T> T parsed(String key, String text, Function<String, T> parser) throws FormatException {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new FormatException(kind, place + " " + key, String.valueOf(e.getMessage()), e);
        }
    }

    List<?> list(String key) throws FormatException {
        if (entries.get(key) instanceof List<?> list) {
            return list;
        }
        throw wrong(key, "must be a list");
    }

    Map<String, String> texts(String key) throws FormatException {
        Map<String, String> texts = new LinkedHashMap<>();
        if (has(key)) {
            InfoFields members = of(kind, place + " " + key, entries.get(key));
            for (String name : members.entries.keySet()) {
                texts.put(name, members.text(name));
            }
        }
        return texts;
    }
}
