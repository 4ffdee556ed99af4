package io.pgnode.cli;

import io.pgnode.cli.text.Look;
import io.pgnode.cli.text.OutputFormat;
import io.pgnode.cli.text.Style;
import io.pgnode.cli.text.Table;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/**
 * How a command talks with its operator: answers on standard output; progress, questions and errors
 * on standard error, so that they never mix with what a script reads.
 */
public final class Console {
    private final PrintWriter out;
    private final PrintWriter err;
    private final Surroundings surroundings;
    private final ColorMode color;

    private Console(PrintWriter out, PrintWriter err, Surroundings surroundings, ColorMode color) {
        this.out = out;
        this.err = err;
        this.surroundings = surroundings;
        this.color = color;
    }

    /** The console of the command that {@code spec} describes. */
    static Console of(CommandSpec spec) {
        PgnodeCommand top = (PgnodeCommand) spec.root().userObject();
        return new Console(
                spec.commandLine().getOut(),
                spec.commandLine().getErr(),
                top.surroundings(),
                top.color);
    }

    Surroundings surroundings() {
        return surroundings;
    }

    Look look() {
        return surroundings.terminal().look(color);
    }

    void print(String text) {
        out.print(text);
        out.flush();
    }

    void println(String text) {
        print(text + "\n");
    }

    void print(OutputFormat format, Table table) {
        print(format.render(table, look()));
    }

    /** A line about what goes on; not part of the answer. */
    void note(String text) {
        err.print(text + "\n");
        err.flush();
    }

    /** Text on standard error as it is, for a line that changes. */
    void progress(String text) {
        err.print(text);
        err.flush();
    }

    void note(Style style, String text) {
        note(style.paint(text, surroundings.terminal().colourOnError(color)));
    }

    /**
     * Asks {@code question [y/N]}.
     *
     * @throws CliException refused, when the answer is not yes or nobody is there to answer
     */
    void confirm(String question) {
        String answer = ask(question + " [y/N]: ", "--force").toLowerCase(Locale.ROOT);
        if (!answer.equals("y") && !answer.equals("yes")) {
            throw new CliException(ExitCode.REFUSED, "not confirmed, nothing was changed", "");
        }
    }

    /**
     * Asks for a line of text.
     *
     * @param otherwise the option to use where there is no terminal
     */
    String ask(String question, String otherwise) {
        if (!surroundings.terminal().canAsk()) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "cannot ask \"%s\": standard input is not a terminal"
                            .formatted(question.replaceFirst("( \\[y/N])?: $", "")),
                    "use " + otherwise + " to go on without a question");
        }
        err.print(question);
        err.flush();
        try {
            BufferedReader input = surroundings.input();
            String line = input.readLine();
            return line == null ? "" : line.strip();
        } catch (IOException e) {
            throw new UncheckedIOException("standard input", e);
        }
    }
}
