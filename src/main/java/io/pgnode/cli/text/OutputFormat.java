package io.pgnode.cli.text;

/** What {@code -o} chooses. */
public enum OutputFormat {
    table,
    json,
    yaml,
    tsv;

    /**
     * The text of {@code table}, lines ended by a newline.
     *
     * @param look how a table for people looks; the other formats do not depend on it
     */
    public String render(Table table, Look look) {
        return switch (this) {
            case table -> look.boxed() ? BoxTable.render(table, look) : PlainTable.render(table);
            case json -> Json.pretty(TableJson.of(table));
            case yaml -> Yamls.dump(TableJson.of(table));
            case tsv -> TsvTable.render(table);
        };
    }
}
