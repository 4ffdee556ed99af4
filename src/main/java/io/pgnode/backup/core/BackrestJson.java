package io.pgnode.backup.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of info files: objects ({@link Map}), arrays ({@link List}), text ({@link String}, as
 * {@link RawText}), whole numbers ({@link Long}, unsigned ones above {@link Long#MAX_VALUE}
 * wrapped), {@link Boolean}, null. No white space, no fractions.
 */
public final class BackrestJson {
    private static final int MAX_DEPTH = 16;

    private final byte[] bytes;
    private final int end;
    private int at;
    private int depth;

    private BackrestJson(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    /**
     * @throws IllegalArgumentException when it is not one such value
     */
    public static @Nullable Object parse(byte[] bytes, int offset, int length) {
        BackrestJson parser = new BackrestJson(bytes, offset, offset + length);
        Object value = parser.value();
        if (parser.at != parser.end) {
            throw parser.unexpected();
        }
        return value;
    }

    /**
     * @throws IllegalArgumentException when it is not one such value
     */
    public static @Nullable Object parse(String text) {
        byte[] bytes = RawText.encode(text);
        return parse(bytes, 0, bytes.length);
    }

    private @Nullable Object value() {
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, @Nullable Object> object() {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        open();
        if (!closes('}')) {
            do {
                String key = string();
                expect(':');
                members.put(key, value());
            } while (continues('}'));
        }
        depth--;
        return members;
    }

    private List<@Nullable Object> array() {
        List<@Nullable Object> elements = new ArrayList<>();
        open();
        if (!closes(']')) {
            do {
                elements.add(value());
            } while (continues(']'));
        }
        depth--;
        return elements;
    }

    private void open() {
        at++;
        if (++depth > MAX_DEPTH) {
            throw unexpected();
        }
    }

    private boolean closes(char bracket) {
        if (peek() == bracket) {
            at++;
            return true;
        }
        return false;
    }

    private boolean continues(char bracket) {
        if (closes(bracket)) {
            return false;
        }
        expect(',');
        return true;
    }

    private String string() {
        expect('"');
        int from = at;
        while (peek() != '"') {
            if (bytes[at] == '\\') {
                return escaped(from);
            }
            at++;
        }
        return RawText.decode(bytes, from, at++ - from);
    }

    private String escaped(int from) {
        ByteBuilder text = new ByteBuilder(64).add(bytes, from, at - from);
        while (true) {
            byte next = peek();
            at++;
            if (next == '"') {
                return RawText.decode(text.array(), 0, text.length());
            }
            if (next == '\\') {
                escape(text);
            } else {
                text.add(next);
            }
        }
    }

    private void escape(ByteBuilder text) {
        byte kind = peek();
        at++;
        switch (kind) {
            case '"', '\\', '/' -> text.add(kind);
            case 'b' -> text.add((byte) '\b');
            case 'f' -> text.add((byte) '\f');
            case 'n' -> text.add((byte) '\n');
            case 'r' -> text.add((byte) '\r');
            case 't' -> text.add((byte) '\t');
            case 'u' -> unicode(text);
            default -> {
                at--;
                throw unexpected();
            }
        }
    }

    private void unicode(ByteBuilder text) {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw unexpected();
            }
            unit = unit << 4 | digit;
            at++;
        }
        if (Character.isSurrogate((char) unit)) {
            throw unexpected();
        }
        text.raw(String.valueOf((char) unit));
    }

    private @Nullable Object word(String word, @Nullable Boolean value) {
        for (int i = 0; i < word.length(); i++) {
            expect(word.charAt(i));
        }
        return value;
    }

    private Long number() {
        int from = at;
        if (peek() == '-') {
            at++;
        }
        int digits = at;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        if (at == digits || at - digits > 20) {
            at = from;
            throw unexpected();
        }
        String text = RawText.decode(bytes, from, at - from);
        return digits == from ? Long.parseUnsignedLong(text) : Long.parseLong(text);
    }

    private byte peek() {
        if (at >= end) {
            throw new IllegalArgumentException("JSON value ends too early");
        }
        return bytes[at];
    }

    private void expect(char wanted) {
        if (peek() != wanted) {
            throw unexpected();
        }
        at++;
    }

    private IllegalArgumentException unexpected() {
        return new IllegalArgumentException(
                at < end
                        ? "JSON value has an unexpected byte 0x%02x".formatted(bytes[at])
                        : "JSON value ends too early");
    }

    /** Appends a value; maps in their order. */
    static void write(@Nullable Object value, ByteBuilder out) {
        switch (value) {
            case null -> out.ascii("null");
            case String text -> writeText(text, out);
            case Map<?, ?> members -> writeObject(members, out);
            case List<?> elements -> writeArray(elements, out);
            case Boolean flag -> out.ascii(flag.toString());
            case Long number -> out.number(number);
            case Integer number -> out.number(number);
            default -> throw new IllegalArgumentException("no JSON value: " + value.getClass());
        }
    }

    /** A value as text; maps in their order. */
    public static String render(@Nullable Object value) {
        ByteBuilder out = new ByteBuilder(128);
        write(value, out);
        return RawText.decode(out.array(), 0, out.length());
    }

    private static void writeObject(Map<?, ?> members, ByteBuilder out) {
        out.ascii("{");
        boolean more = false;
        for (Map.Entry<?, ?> member : members.entrySet()) {
            if (more) {
                out.ascii(",");
            }
            more = true;
            writeText((String) member.getKey(), out);
            out.ascii(":");
            write(member.getValue(), out);
        }
        out.ascii("}");
    }

    private static void writeArray(List<?> elements, ByteBuilder out) {
        out.ascii("[");
        boolean more = false;
        for (Object element : elements) {
            if (more) {
                out.ascii(",");
            }
            more = true;
            write(element, out);
        }
        out.ascii("]");
    }

    static void writeText(String text, ByteBuilder out) {
        byte[] raw = RawText.encode(text);
        out.ascii("\"");
        writeEscaped(raw, 0, raw.length, out);
        out.ascii("\"");
    }

    /** Escapes what pgBackRest escapes; other control characters stay as they are. */
    static void writeEscaped(byte[] raw, int offset, int length, ByteBuilder out) {
        for (int i = offset; i < offset + length; i++) {
            switch (raw[i]) {
                case '"' -> out.ascii("\\\"");
                case '\\' -> out.ascii("\\\\");
                case '\b' -> out.ascii("\\b");
                case '\f' -> out.ascii("\\f");
                case '\n' -> out.ascii("\\n");
                case '\r' -> out.ascii("\\r");
                case '\t' -> out.ascii("\\t");
                default -> out.add(raw[i]);
            }
        }
    }
}
