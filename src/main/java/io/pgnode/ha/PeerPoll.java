package io.pgnode.ha;

import java.util.List;

/**
 * Answers of all other members, asked at one moment.
 *
 * @param askedNanos when the questions were sent
 */
public record PeerPoll(long askedNanos, List<PeerAnswer> answers) {
    public PeerPoll {
        answers = List.copyOf(answers);
    }
}
