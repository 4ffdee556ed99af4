package io.pgnode.cli.text;

/**
 * How text for people looks.
 *
 * @param boxed a terminal: boxes, empty optional columns left out, lines cut to the width
 * @param unicode box characters beyond ASCII
 * @param width columns of the terminal; zero when unknown
 */
public record Look(boolean boxed, boolean colour, boolean unicode, int width) {
    /** A file or a pipe: stable columns, no decoration. */
    public static final Look PLAIN = new Look(false, false, false, 0);
}
