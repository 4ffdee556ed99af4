package io.pgnode.cli.text;

/**
 * A column of a table.
 *
 * @param number aligned to the right
 * @param optional left out on a terminal while no row has a value; scripts always get it
 */
public record Column(String name, boolean number, boolean optional) {
    public static Column text(String name) {
        return new Column(name, false, false);
    }

    public static Column number(String name) {
        return new Column(name, true, false);
    }

    public static Column optional(String name) {
        return new Column(name, false, true);
    }
}
