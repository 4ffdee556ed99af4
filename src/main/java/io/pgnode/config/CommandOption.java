package io.pgnode.config;

/**
 * An option of a PostgreSQL program, as {@code name} or {@code name=value} without dashes.
 *
 * @param value empty for none
 */
public record CommandOption(String name, String value) {
    public CommandOption {
        if (name.isBlank() || name.startsWith("-") || name.chars().anyMatch(c -> c <= ' ')) {
            throw new IllegalArgumentException(
                    "option must be name or name=value without dashes, was \"" + name + "\"");
        }
    }

    public static CommandOption parse(String text) {
        int equals = text.indexOf('=');
        return equals < 0
                ? new CommandOption(text.strip(), "")
                : new CommandOption(
                        text.substring(0, equals).strip(), text.substring(equals + 1).strip());
    }

    /** The argument of the program: {@code --name} or {@code --name=value}. */
    public String argument() {
        return "--" + this;
    }

    @Override
    public String toString() {
        return value.isEmpty() ? name : name + "=" + value;
    }
}
