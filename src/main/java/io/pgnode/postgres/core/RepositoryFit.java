package io.pgnode.postgres.core;

import io.pgnode.postgres.core.HistoryFile.Line;
import java.util.Optional;

/** Whether a replica of a server can be made of a backup. */
public final class RepositoryFit {
    private RepositoryFit() {}

    /**
     * Why not; empty when it can.
     *
     * @param systemId of the server to follow
     * @param timeline of that server
     * @param history where the timelines before that one ended, as the server itself says
     * @param hasNext whether that server has the first segment that the archive lacks, or has not
     *     come to it yet
     */
    public static Optional<String> refusal(
            RepositoryOffer offer,
            String systemId,
            int timeline,
            HistoryFile history,
            boolean hasNext) {
        if (!offer.systemId().equals(systemId)) {
            return Optional.of(
                    "it is of another cluster: its system identifier is %s, the leader's is %s"
                            .formatted(offer.systemId(), systemId));
        }
        Optional<String> astray = astray(offer, timeline, history);
        if (astray.isPresent()) {
            return astray;
        }
        return hasNext
                ? Optional.empty()
                : Optional.of(
                        "WAL is missing: neither the archive nor the leader has "
                                + offer.nextSegment());
    }

    private static Optional<String> astray(
            RepositoryOffer offer, int timeline, HistoryFile history) {
        if (offer.timeline() == timeline) {
            return Optional.empty();
        }
        Optional<Line> left =
                history.lines().stream()
                        .filter(line -> line.timeline() == offer.timeline())
                        .findFirst();
        if (left.isEmpty()) {
            return Optional.of(
                    "the leader's timeline %s does not come from the backup's, %s"
                            .formatted(
                                    Integer.toUnsignedString(timeline),
                                    Integer.toUnsignedString(offer.timeline())));
        }
        return offer.consistent().compareTo(left.get().switchLsn()) <= 0
                ? Optional.empty()
                : Optional.of(
                        "the leader left timeline %s at %s, before the backup was consistent at %s"
                                .formatted(
                                        Integer.toUnsignedString(offer.timeline()),
                                        left.get().switchLsn(),
                                        offer.consistent()));
    }
}
