package io.pgnode.cli;

/** What {@code --color} chooses. */
public enum ColorMode {
    /** On a terminal, unless NO_COLOR is set or TERM is dumb. */
    auto,
    always,
    never
}
