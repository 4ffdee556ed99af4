package io.pgnode.testing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What all writers saw acknowledged, in the order of the answers; judges it. Immutable. */
public record WriteHistory(List<Ack> acks) {
    /** One row of the probe's table. */
    public record Row(int client, long seq) {}

    /** Sorts by time of the answer. */
    public WriteHistory {
        acks = acks.stream().sorted(Comparator.comparingLong(Ack::ackNanos)).toList();
    }

    /**
     * The longest time without an acknowledged insert on any node, that ends after {@code
     * fromNanos}; time up to {@code toNanos} without any answer counts.
     */
    public long longestGapNanos(long fromNanos, long toNanos) {
        long longest = 0;
        long last = lastBefore(fromNanos).map(Ack::ackNanos).orElse(fromNanos);
        for (Ack ack : acks) {
            if (ack.ackNanos() > fromNanos && ack.ackNanos() <= toNanos) {
                longest = Math.max(longest, ack.ackNanos() - last);
                last = ack.ackNanos();
            }
        }
        return Math.max(longest, toNanos - last);
    }

    /** The last one that was acknowledged at this time or before. */
    public Optional<Ack> lastBefore(long nanos) {
        return acks.stream().filter(ack -> ack.ackNanos() <= nanos).reduce((_, later) -> later);
    }

    /** The first one that was sent after this time by this timeline or a newer one. */
    public Optional<Ack> firstOnTimeline(int timeline, long afterNanos) {
        return acks.stream()
                .filter(ack -> ack.ackNanos() > afterNanos && ack.timeline() >= timeline)
                .findFirst();
    }

    /** The newest timeline that acknowledged anything; 0 without any. */
    public int newestTimeline() {
        return acks.stream().mapToInt(Ack::timeline).max().orElse(0);
    }

    /**
     * Inserts that prove two writable members: certainly begun after another member had
     * acknowledged on a newer timeline, or acknowledged on one timeline by two members.
     */
    public List<Ack> doubleWrites() {
        var proven = new ArrayList<Ack>();
        var newestOfNode = new HashMap<Integer, Integer>();
        var answered = acks.iterator();
        var next = answered.hasNext() ? answered.next() : null;
        for (Ack ack : acks.stream().sorted(Comparator.comparingLong(Ack::sentNanos)).toList()) {
            while (next != null && next.ackNanos() < ack.sentNanos()) {
                newestOfNode.merge(next.node(), next.timeline(), Math::max);
                next = answered.hasNext() ? answered.next() : null;
            }
            if (newestOfNode.entrySet().stream()
                    .anyMatch(
                            other ->
                                    other.getKey() != ack.node()
                                            && other.getValue() >= ack.timeline())) {
                proven.add(ack);
            }
        }
        return List.copyOf(proven);
    }

    /** Every row that was acknowledged. */
    public Set<Row> rows() {
        var rows = new HashSet<Row>();
        acks.forEach(ack -> rows.add(new Row(ack.client(), ack.seq())));
        return rows;
    }

    /** Inserts by node, for messages. */
    public Map<Integer, Integer> countByNode() {
        var counts = new HashMap<Integer, Integer>();
        acks.forEach(ack -> counts.merge(ack.node(), 1, Integer::sum));
        return counts;
    }
}
