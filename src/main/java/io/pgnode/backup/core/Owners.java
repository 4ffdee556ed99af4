package io.pgnode.backup.core;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** User, group and mode in a manifest's lines; a name that is not known is {@code false}. */
final class Owners {
    private static final int MAX_MODE = 07777;

    private Owners() {}

    static @Nullable String name(InfoFields line, String key, @Nullable String otherwise)
            throws FormatException {
        Object value = line.entries().get(key);
        if (value == null) {
            return otherwise;
        }
        return Boolean.FALSE.equals(value) ? null : line.text(key);
    }

    static int mode(InfoFields line, int otherwise) throws FormatException {
        Integer mode = line.optionalParsed("mode", text -> Integer.parseInt(text, 8));
        if (mode == null) {
            return otherwise;
        }
        if (mode < 0 || mode > MAX_MODE) {
            throw new FormatException(line.kind(), line.place() + " mode", "is no file mode");
        }
        return mode;
    }

    static Object nameValue(@Nullable String name) {
        return name == null ? (Object) false : name;
    }

    static String modeText(int mode) {
        return "%04o".formatted(mode);
    }

    static void writeName(
            String key, @Nullable String name, @Nullable String otherwise, Members members) {
        if (!Objects.equals(name, otherwise)) {
            BackrestJson.write(nameValue(name), members.key(key));
        }
    }

    static void writeMode(int mode, int otherwise, Members members) {
        if (mode != otherwise) {
            members.text("mode", modeText(mode));
        }
    }
}
