package io.pgnode.cli.view;

import com.fasterxml.jackson.databind.node.BigIntegerNode;
import io.pgnode.cli.text.Cell;
import io.pgnode.cli.text.Column;
import io.pgnode.cli.text.Style;
import io.pgnode.cli.text.Table;
import io.pgnode.cluster.TimelineHistory;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Past failovers and switchovers: one row per timeline that ended. */
public final class HistoryTable {
    private static final List<Column> COLUMNS =
            List.of(
                    Column.number("TL"),
                    Column.number("LSN"),
                    Column.text("Reason"),
                    Column.text("Timestamp"),
                    Column.text("New Leader"));

    private HistoryTable() {}

    /** Positions are decimal numbers, as patronictl shows them. */
    public static Table of(TimelineHistory history) {
        List<List<Cell>> rows = new ArrayList<>();
        for (TimelineHistory.Entry entry : history.entries()) {
            String lsn = Long.toUnsignedString(entry.switchLsn().value());
            rows.add(
                    List.of(
                            Cell.of(entry.timeline()),
                            Cell.of(lsn, BigIntegerNode.valueOf(new BigInteger(lsn)), Style.PLAIN),
                            Cell.of(entry.reason()),
                            Cell.of(entry.timestamp()),
                            Cell.of(entry.newLeader(), Style.STRONG)));
        }
        return new Table("", COLUMNS, rows);
    }
}
