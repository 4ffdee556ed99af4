package io.pgnode.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration cannot be used; carries everything that is wrong with it, in order of lines. */
public final class ConfigProblems extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public ConfigProblems(List<Problem> problems) {
        super(report(problems));
        this.problems = List.copyOf(problems);
    }

    /** At least one. */
    public List<Problem> problems() {
        return problems;
    }

    private static String report(List<Problem> problems) {
        String heading =
                problems.size() == 1
                        ? "1 problem in the configuration:"
                        : problems.size() + " problems in the configuration:";
        return problems.stream()
                .map(Problem::toString)
                .collect(Collectors.joining("\n", heading + "\n", ""));
    }
}
