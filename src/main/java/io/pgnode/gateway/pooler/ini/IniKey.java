package io.pgnode.gateway.pooler.ini;

import java.util.List;

/**
 * A key of the section {@code [pgbouncer]}.
 *
 * @param usual its value when the file does not name it, as it would be written there
 * @param least smallest number; for times in seconds
 * @param most largest number
 * @param choices the words it may be; empty when any text will do
 * @param needsRestart a reload does not change it
 * @param why it has no effect here, for a hint; empty when it has one
 */
public record IniKey(
        String name,
        Kind kind,
        String usual,
        double least,
        double most,
        List<String> choices,
        boolean needsRestart,
        String why) {
    /** How a value is written. */
    public enum Kind {
        TEXT,
        SWITCH,
        NUMBER,
        SECONDS,
        CHOICE
    }

    public IniKey {
        choices = List.copyOf(choices);
    }

    static IniKey text(String name, String usual) {
        return new IniKey(name, Kind.TEXT, usual, 0, 0, List.of(), false, "");
    }

    static IniKey onOff(String name, boolean usual) {
        return new IniKey(name, Kind.SWITCH, usual ? "1" : "0", 0, 0, List.of(), false, "");
    }

    static IniKey number(String name, long usual, long least, long most) {
        return new IniKey(
                name, Kind.NUMBER, Long.toString(usual), least, most, List.of(), false, "");
    }

    static IniKey seconds(String name, String usual) {
        double most = 10L * 365 * 86_400;
        return new IniKey(name, Kind.SECONDS, usual, 0, most, List.of(), false, "");
    }

    static IniKey choice(String name, String usual, String... choices) {
        return new IniKey(name, Kind.CHOICE, usual, 0, 0, List.of(choices), false, "");
    }

    IniKey atStart() {
        return new IniKey(name, kind, usual, least, most, choices, true, why);
    }

    /** It is read, and does nothing. */
    IniKey without(String reason) {
        return new IniKey(name, kind, usual, least, most, choices, needsRestart, reason);
    }

    public boolean hasEffect() {
        return why.isEmpty();
    }
}
