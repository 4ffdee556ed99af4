package io.pgnode.gateway.pooler.ini;

import java.util.ArrayList;
import java.util.List;

/** What is wrong with a file, and what of it has no effect; each in the order it was found in. */
final class Findings {
    private final List<IniProblem> problems = new ArrayList<>();
    private final List<IniProblem> warnings = new ArrayList<>();

    void problem(String where, String message, String hint) {
        problems.add(new IniProblem(where, message, hint));
    }

    void problems(List<IniProblem> found) {
        problems.addAll(found);
    }

    void warning(String where, String message, String hint) {
        warnings.add(new IniProblem(where, message, hint));
    }

    /** A value that is none of what it may be. */
    void wrong(String where, String name, String value, String expected, String hint) {
        problem(where, name + " is \"" + value + "\", must be " + expected, hint);
    }

    List<IniProblem> problems() {
        return List.copyOf(problems);
    }

    List<IniProblem> warnings() {
        return List.copyOf(warnings);
    }
}
