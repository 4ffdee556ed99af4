package io.pgnode.cli.text;

import java.util.ArrayList;
import java.util.List;

/** The difference of two texts, line by line, in unified format with three lines of context. */
public final class Diff {
    private static final int CONTEXT = 3;

    private enum Kind {
        SAME(' ', Style.PLAIN),
        REMOVED('-', Style.BAD),
        ADDED('+', Style.GOOD);

        private final char mark;
        private final Style style;

        Kind(char mark, Style style) {
            this.mark = mark;
            this.style = style;
        }
    }

    /**
     * @param before lines of the old text above this one
     * @param after lines of the new text above this one
     */
    private record Line(Kind kind, String text, int before, int after) {}

    private Diff() {}

    /** Empty when the texts are equal. Meant for configurations: time grows with their product. */
    public static String unified(String before, String after, boolean colour) {
        List<Line> lines = lines(before.lines().toList(), after.lines().toList());
        StringBuilder out = new StringBuilder();
        int from = 0;
        while (from < lines.size()) {
            if (lines.get(from).kind() == Kind.SAME) {
                from++;
                continue;
            }
            int end = endOfHunk(lines, from);
            hunk(
                    out,
                    lines.subList(
                            Math.max(0, from - CONTEXT), Math.min(lines.size(), end + CONTEXT)),
                    colour);
            from = end;
        }
        return out.toString();
    }

    /** After the last change that is less than two contexts away from the one before it. */
    private static int endOfHunk(List<Line> lines, int from) {
        int end = from + 1;
        for (int i = from; i < lines.size() && i < end + 2 * CONTEXT; i++) {
            if (lines.get(i).kind() != Kind.SAME) {
                end = i + 1;
            }
        }
        return end;
    }

    private static void hunk(StringBuilder out, List<Line> lines, boolean colour) {
        long removed = lines.stream().filter(line -> line.kind() != Kind.ADDED).count();
        long added = lines.stream().filter(line -> line.kind() != Kind.REMOVED).count();
        Line first = lines.getFirst();
        String head =
                "@@ -%s +%s @@"
                        .formatted(range(first.before(), removed), range(first.after(), added));
        out.append(Style.ACCENT.paint(head, colour)).append('\n');
        for (Line line : lines) {
            out.append(line.kind().style.paint(line.kind().mark + line.text(), colour));
            out.append('\n');
        }
    }

    private static String range(int linesAbove, long count) {
        return (count == 0 ? linesAbove : linesAbove + 1) + (count == 1 ? "" : "," + count);
    }

    /** Walks the table of longest common subsequences from its beginning. */
    private static List<Line> lines(List<String> before, List<String> after) {
        int[][] common = new int[before.size() + 1][after.size() + 1];
        for (int i = before.size() - 1; i >= 0; i--) {
            for (int j = after.size() - 1; j >= 0; j--) {
                common[i][j] =
                        before.get(i).equals(after.get(j))
                                ? common[i + 1][j + 1] + 1
                                : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        List<Line> lines = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < before.size() || j < after.size()) {
            if (i < before.size() && j < after.size() && before.get(i).equals(after.get(j))) {
                lines.add(new Line(Kind.SAME, before.get(i), i, j));
                i++;
                j++;
            } else if (j == after.size()
                    || i < before.size() && common[i + 1][j] >= common[i][j + 1]) {
                lines.add(new Line(Kind.REMOVED, before.get(i), i, j));
                i++;
            } else {
                lines.add(new Line(Kind.ADDED, after.get(j), i, j));
                j++;
            }
        }
        return lines;
    }
}
