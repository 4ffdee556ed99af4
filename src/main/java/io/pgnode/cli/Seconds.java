package io.pgnode.cli;

import java.time.Duration;

/** Times on the command line: {@code 30}, {@code 30s}, {@code 5m}, {@code 1h}. */
final class Seconds {
    private Seconds() {}

    /**
     * @throws CliException wrong usage, when it is no time of at least a second
     */
    static Duration parse(String option, String text) {
        String trimmed = text.strip();
        if (trimmed.matches("[0-9]{1,6}[smh]?")) {
            char unit = trimmed.charAt(trimmed.length() - 1);
            boolean bare = Character.isDigit(unit);
            long number =
                    Long.parseLong(bare ? trimmed : trimmed.substring(0, trimmed.length() - 1));
            long seconds = unit == 'm' ? number * 60 : unit == 'h' ? number * 3600 : number;
            if (seconds > 0) {
                return Duration.ofSeconds(seconds);
            }
        }
        throw new CliException(
                ExitCode.USAGE,
                option + " is \"" + text + "\", must be a time like 30s, 5m or 1h",
                "");
    }
}
