package io.pgnode.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.cli.text.Look;
import io.pgnode.cli.text.OutputFormat;
import io.pgnode.cluster.TimelineHistory;
import io.pgnode.model.Lsn;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistoryTableTest {
    private static final TimelineHistory HISTORY =
            new TimelineHistory(
                    List.of(
                            new TimelineHistory.Entry(
                                    1,
                                    new Lsn(50331648),
                                    "no recovery target specified",
                                    "2026-11-20T10:00:00.123456+00:00",
                                    "pg-test-1")),
                    1);

    @Test
    void printsWhatPatronictlPrints() {
        assertThat(OutputFormat.tsv.render(HistoryTable.of(HISTORY), Look.PLAIN))
                .isEqualTo(
                        "TL\tLSN\tReason\tTimestamp\tNew Leader\n"
                                + "1\t50331648\tno recovery target specified\t"
                                + "2026-11-20T10:00:00.123456+00:00\tpg-test-1\n");
    }

    @Test
    void drawsABoxWithoutTitle() {
        assertThat(
                        OutputFormat.table.render(
                                HistoryTable.of(HISTORY), new Look(true, false, false, 0)))
                .isEqualTo(
                        """
                        +----+----------+------------------------------+----------------------------------+------------+
                        | TL |      LSN | Reason                       | Timestamp                        | New Leader |
                        +----+----------+------------------------------+----------------------------------+------------+
                        |  1 | 50331648 | no recovery target specified | 2026-11-20T10:00:00.123456+00:00 | pg-test-1  |
                        +----+----------+------------------------------+----------------------------------+------------+
                        """);
    }
}
