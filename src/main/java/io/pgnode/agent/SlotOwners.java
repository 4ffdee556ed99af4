package io.pgnode.agent;

import io.pgnode.cluster.ClusterView;
import io.pgnode.model.MemberName;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * When the owners of replication slots were last seen in the DCS. Views come when something
 * changed: whoever is in one is there until the next. Confined to the agent's loop.
 */
final class SlotOwners {
    private final Map<String, Long> lastSeen = new HashMap<>();
    private Set<MemberName> present = Set.of();

    /**
     * @param isAfterGap whoever was seen at any time may have been there until now
     * @param nowNanos when the view came, on the boot-time clock
     */
    void note(ClusterView view, boolean isAfterGap, long nowNanos) {
        if (isAfterGap) {
            lastSeen.replaceAll((slot, earlier) -> nowNanos);
        }
        present.forEach(member -> lastSeen.put(member.slotName(), nowNanos));
        present = view.members().keySet();
        present.forEach(member -> lastSeen.put(member.slotName(), nowNanos));
    }

    /** By name of the slot. */
    Map<String, Long> lastSeen() {
        return lastSeen;
    }
}
