package io.pgnode.backup.core;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads the sections and keys of an info file, and checks its format and checksum. */
final class InfoReader {
    private static final byte[] BACKREST = "backrest".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHECKSUM = "backrest-checksum".getBytes(StandardCharsets.US_ASCII);

    private final String kind;
    private final byte[] file;
    private final InfoChecksum checksum = new InfoChecksum();
    private String section = "";
    private boolean inBackrest;
    private @Nullable Object format;
    private @Nullable Object version;
    private @Nullable Object stated;

    /** Takes what is read, in the file's order. */
    @FunctionalInterface
    interface Entries {
        /**
         * @param value as {@link BackrestJson} has it
         */
        void accept(String section, String key, @Nullable Object value) throws FormatException;
    }

    private InfoReader(String kind, byte[] file) {
        this.kind = kind;
        this.file = file;
    }

    /**
     * @return the version of the program that wrote it
     * @throws FormatException when it is damaged, or of another format
     */
    static String read(String kind, byte[] file, Entries entries) throws FormatException {
        return new InfoReader(kind, file).read(entries);
    }

    private String read(Entries entries) throws FormatException {
        try {
            for (int at = 0; at < file.length; ) {
                int end = endOfLine(at);
                line(at, end, entries);
                at = end + 1;
            }
        } catch (IllegalArgumentException e) {
            // A value's own check: its place is the section that is being read.
            throw new FormatException(kind, "[" + section + "]", String.valueOf(e.getMessage()), e);
        }
        return checkedVersion();
    }

    private int endOfLine(int from) throws FormatException {
        for (int i = from; i < file.length; i++) {
            if (file[i] == '\n') {
                return i;
            }
        }
        throw new FormatException(kind, null, "is cut off: its last line does not end");
    }

    private void line(int from, int end, Entries entries) throws FormatException {
        if (from == end) {
            return;
        }
        if (file[from] == '[' && file[end - 1] == ']') {
            section = RawText.decode(file, from + 1, end - from - 2);
            inBackrest = Arrays.equals(file, from + 1, end - 1, BACKREST, 0, BACKREST.length);
            boolean isTheLast = inBackrest && format != null;
            if (!isTheLast) {
                checksum.section(file, from + 1, end - from - 2);
            }
            return;
        }
        entry(from, end, entries);
    }

    private void entry(int from, int end, Entries entries) throws FormatException {
        IllegalArgumentException problem = null;
        for (int i = from + 1; i < end - 1; i++) {
            if (file[i] != '=') {
                continue;
            }
            Object value;
            try {
                value = BackrestJson.parse(file, i + 1, end - i - 1);
            } catch (IllegalArgumentException e) {
                // The key may have an equals sign itself.
                problem = problem == null ? e : problem;
                continue;
            }
            entry(from, i, end, value, entries);
            return;
        }
        throw new FormatException(
                kind,
                "[" + section + "] " + lineNumber(from),
                problem == null ? "is not a key with a value" : "" + problem.getMessage(),
                problem);
    }

    /** Not the line itself: it may hold a secret. */
    private String lineNumber(int from) {
        int number = 1;
        for (int i = 0; i < from; i++) {
            number += file[i] == '\n' ? 1 : 0;
        }
        return "line " + number;
    }

    private void entry(int from, int equals, int end, @Nullable Object value, Entries entries)
            throws FormatException {
        if (section.isEmpty()) {
            throw new FormatException(kind, lineNumber(from), "is not in a section");
        }
        if (inBackrest && Arrays.equals(file, from, equals, CHECKSUM, 0, CHECKSUM.length)) {
            stated = value;
            return;
        }
        if (inBackrest && stated != null) {
            throw new FormatException(kind, "[backrest]", "has keys after the checksum");
        }
        checksum.entry(file, from, equals - from, equals + 1, end - equals - 1);
        String key = RawText.decode(file, from, equals - from);
        if (!inBackrest) {
            entries.accept(section, key, value);
        } else if (key.equals("backrest-format")) {
            format = value;
            if (!Long.valueOf(InfoWriter.FORMAT).equals(value)) {
                throw new FormatException(
                        kind, "backrest-format", "is " + value + ", must be " + InfoWriter.FORMAT);
            }
        } else if (key.equals("backrest-version")) {
            version = value;
        }
    }

    private String checkedVersion() throws FormatException {
        if (format == null || !(version instanceof String text)) {
            throw new FormatException(
                    kind,
                    null,
                    "has no backrest-format and backrest-version, so it is another file");
        }
        String actual = checksum.end().toString();
        if (!actual.equals(stated)) {
            throw new FormatException(
                    kind,
                    null,
                    "is damaged: its checksum is " + actual + ", but it says " + stated);
        }
        return text;
    }
}
