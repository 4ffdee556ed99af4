package io.pgnode.cluster;

import io.pgnode.model.Lsn;
import java.util.List;
import java.util.Map;

/**
 * The status key: what the leader last said about itself.
 *
 * @param optime the leader's flush position; {@link Lsn#NONE} when the key does not exist
 * @param slots replication slots to keep, with their positions
 * @param retainSlots slots of members that left recently
 */
public record ClusterStatus(Lsn optime, Map<String, Lsn> slots, List<String> retainSlots) {
    public static final ClusterStatus NONE = new ClusterStatus(Lsn.NONE, Map.of(), List.of());

    public ClusterStatus {
        slots = Map.copyOf(slots);
        retainSlots = List.copyOf(retainSlots);
    }
}
