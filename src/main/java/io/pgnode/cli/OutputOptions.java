package io.pgnode.cli;

import io.pgnode.cli.text.OutputFormat;
import picocli.CommandLine.Option;

/** How a table is printed. */
final class OutputOptions {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "Format: ${COMPLETION-CANDIDATES} (default: table).")
    OutputFormat format = OutputFormat.table;
}
