package io.pgnode.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DiffTest {
    @Test
    void isEmptyForEqualTexts() {
        assertThat(Diff.unified("a\nb\n", "a\nb\n", false)).isEmpty();
    }

    @Test
    void showsChangesWithThreeLinesAround() {
        String before = "1\n2\n3\n4\n5\n6\n7\n8\n";

        assertThat(Diff.unified(before, before.replace("5\n", "five\nand more\n"), false))
                .isEqualTo(
                        """
                        @@ -2,7 +2,8 @@
                         2
                         3
                         4
                        -5
                        +five
                        +and more
                         6
                         7
                         8
                        """);
    }

    @Test
    void separatesChangesThatAreFarApart() {
        String before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

        String diff =
                Diff.unified(before, before.replace("1\n2", "one\n2").replace("10", "ten"), false);

        assertThat(diff.lines().filter(line -> line.startsWith("@@")))
                .containsExactly("@@ -1,4 +1,4 @@", "@@ -7,4 +7,4 @@");
    }

    @Test
    void numbersAnEmptySideFromTheLineAbove() {
        assertThat(Diff.unified("", "a\n", false)).isEqualTo("@@ -0,0 +1 @@\n+a\n");
    }
}
