package io.pgnode.guard.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class GuardLinesTest {
    @Test
    void eachMessageSurvivesItsText() {
        for (GuardMessage message :
                List.of(
                        new GuardMessage.Hello(1, 2, "0.1"),
                        new GuardMessage.Lead(1, 2, 3, 4),
                        new GuardMessage.Extend(1, 2),
                        new GuardMessage.Postmaster(1, 2),
                        new GuardMessage.Release(1),
                        new GuardMessage.Ready(),
                        new GuardMessage.Watchdog(),
                        new GuardMessage.Stopping(),
                        new GuardMessage.Status("leader of pg-test"),
                        new GuardMessage.Status(""))) {
            assertThat(GuardMessage.parse(message.text())).isEqualTo(message);
        }
    }

    @Test
    void eachReplySurvivesItsText() {
        for (GuardReply reply :
                List.of(
                        new GuardReply.Ack(5),
                        new GuardReply.Refused(5, "epoch 6 is lower than 7"),
                        new GuardReply.State(GuardState.Phase.ARMED, 7, 100),
                        new GuardReply.Fenced(7, "KILLED", 210))) {
            assertThat(GuardReply.parse(reply.text())).isEqualTo(reply);
        }
    }

    @Test
    void refusesOtherLines() {
        for (String line :
                List.of("", "LEAD", "LEAD 1 2", "EXTEND 1 x", "EXTEND 1 2 3", "READY 1")) {
            assertThatThrownBy(() -> GuardMessage.parse(line))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("not a guard message: " + line);
        }
        for (String line : List.of("", "ACK", "ACK x", "STATE NONE 1 2", "REFUSED 1")) {
            assertThatThrownBy(() -> GuardReply.parse(line))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("not a guard reply: " + line);
        }
    }
}
