package io.pgnode.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The result of a benchmark, as a table for people and a file for programs. */
public record BenchReport(List<Measure> measures) {
    /** Copies the list. */
    public BenchReport {
        measures = List.copyOf(measures);
    }

    /** An aligned table with a header. */
    public String table() {
        int width = measures.stream().mapToInt(m -> m.measure().length()).max().orElse(0);
        String line = "%-" + width + "s  %-5s %9s %9s %7s %8s %8s  %s%n";
        var text = new StringBuilder();
        text.append(
                line.formatted("measure", "unit", "ours", "peer", "ratio", "must", "aim", "holds"));
        for (Measure m : measures) {
            text.append(
                    line.formatted(
                            m.measure(),
                            m.unit(),
                            number(m.ours()),
                            number(m.peer()),
                            number(m.ratio()),
                            number(m.must()),
                            number(m.aim()),
                            verdict(m.holds())));
        }
        return text.toString();
    }

    /** Writes the list of measures as JSON. */
    public void write(Path file) throws IOException {
        ArrayNode list = new ObjectMapper().createArrayNode();
        measures.forEach(m -> list.add(m.toJson()));
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        Files.writeString(file, list.toPrettyString() + "\n");
    }

    private static String number(@Nullable Double value) {
        return value == null
                ? "-"
                : String.format(
                        Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }

    private static String verdict(@Nullable Boolean holds) {
        return holds == null ? "-" : holds ? "yes" : "NO";
    }
}
