package io.pgnode.cli.text;

/** Emphasis of a piece of text, in ECMA-48 sequences that every terminal understands. */
public enum Style {
    PLAIN(""),
    STRONG("1"),
    FAINT("2"),
    GOOD("32"),
    WARNING("33"),
    BAD("31"),
    ACCENT("36");

    private final String code;

    Style(String code) {
        this.code = code;
    }

    /** {@code text} in this style when {@code colour}, else {@code text} itself. */
    public String paint(String text, boolean colour) {
        if (!colour || code.isEmpty() || text.isEmpty()) {
            return text;
        }
        return "\033[" + code + "m" + text + "\033[0m";
    }
}
