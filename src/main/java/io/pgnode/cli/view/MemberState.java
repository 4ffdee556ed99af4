package io.pgnode.cli.view;

import io.pgnode.cli.text.Cell;
import io.pgnode.cli.text.Style;
import io.pgnode.cluster.Member;

/** The state of a member's PostgreSQL, as the member list shows it. */
public final class MemberState {
    private MemberState() {}

    /** A standby that runs is {@code streaming} or {@code in archive recovery} when it says so. */
    public static String of(Member member) {
        boolean precise = member.isRunning() && !member.replicationState().isEmpty();
        return precise ? member.replicationState() : member.state();
    }

    static Cell cell(Member member) {
        String state = of(member);
        Style style =
                switch (state) {
                    case "running", "streaming" -> Style.GOOD;
                    case "stopped", "crashed" -> Style.BAD;
                    default -> state.contains("failed") ? Style.BAD : Style.WARNING;
                };
        return Cell.of(state, style);
    }
}
