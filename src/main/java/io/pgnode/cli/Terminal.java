package io.pgnode.cli;

import io.pgnode.cli.text.Look;
import io.pgnode.os.Command;
import io.pgnode.os.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * Which standard streams are terminals, and what the terminal can do.
 *
 * <p>Asks the kernel for each stream on its own: {@code System.console()} answers for input and
 * output together, and so takes {@code pgnode list | less} and {@code yes | pgnode restart} for the
 * same thing.
 */
public final class Terminal {
    private static final Duration STTY_DEADLINE = Duration.ofMillis(500);

    private final boolean inputIsTerminal;
    private final boolean outputIsTerminal;
    private final boolean errorIsTerminal;
    private final Map<String, String> environment;

    Terminal(
            boolean inputIsTerminal,
            boolean outputIsTerminal,
            boolean errorIsTerminal,
            Map<String, String> environment) {
        this.inputIsTerminal = inputIsTerminal;
        this.outputIsTerminal = outputIsTerminal;
        this.errorIsTerminal = errorIsTerminal;
        this.environment = Map.copyOf(environment);
    }

    /** The terminal of this process. */
    static Terminal detect(Map<String, String> environment) {
        return new Terminal(isTerminal(0), isTerminal(1), isTerminal(2), environment);
    }

    private static boolean isTerminal(int descriptor) {
        try {
            String target =
                    Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
            return target.startsWith("/dev/pts/")
                    || target.startsWith("/dev/tty")
                    || target.equals("/dev/console");
        } catch (IOException e) {
            return false; // closed
        }
    }

    /** Whether there is somebody to answer a question. */
    boolean canAsk() {
        return inputIsTerminal;
    }

    boolean outputIsTerminal() {
        return outputIsTerminal;
    }

    boolean errorIsTerminal() {
        return errorIsTerminal;
    }

    boolean colourOnOutput(ColorMode mode) {
        return colour(mode, outputIsTerminal);
    }

    boolean colourOnError(ColorMode mode) {
        return colour(mode, errorIsTerminal);
    }

    private boolean colour(ColorMode mode, boolean terminal) {
        return switch (mode) {
            case always -> true;
            case never -> false;
            case auto ->
                    terminal
                            && environment.getOrDefault("NO_COLOR", "").isEmpty()
                            && !environment.getOrDefault("TERM", "").equals("dumb");
        };
    }

    /** How tables look on standard output. */
    Look look(ColorMode mode) {
        boolean colour = colourOnOutput(mode);
        return new Look(outputIsTerminal, colour, isUnicode(), outputIsTerminal ? width() : 0);
    }

    private boolean isUnicode() {
        String locale =
                environment.getOrDefault(
                        "LC_ALL",
                        environment.getOrDefault("LC_CTYPE", environment.getOrDefault("LANG", "")));
        return locale.toUpperCase(Locale.ROOT).replace("-", "").contains("UTF8");
    }

    /** Columns of the terminal; zero when it does not say. */
    private int width() {
        int columns = number(environment.getOrDefault("COLUMNS", ""));
        return columns > 0 ? columns : sttyColumns();
    }

    private static int sttyColumns() {
        try {
            CommandResult stty =
                    Command.of("stty", "-F", "/dev/tty", "size").deadline(STTY_DEADLINE).run();
            String answer = stty.out().strip();
            return number(answer.substring(answer.indexOf(' ') + 1));
        } catch (IOException e) {
            return 0; // no stty: tables are not cut
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static int number(String text) {
        return text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
    }
}
