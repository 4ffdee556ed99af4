package io.pgnode.ha;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.model.MemberName;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which physical replication slots to create and drop on the local instance.
 *
 * <p>A slot is kept while its member exists or left less than {@code retainNanos} ago: the WAL it
 * holds is what lets the member come back without a copy. Slots that no member ever had are not
 * ours and are never touched.
 */
public record SlotPlan(Set<String> create, Set<String> drop) {
    public SlotPlan {
        create = Set.copyOf(create);
        drop = Set.copyOf(drop);
    }

    /**
     * @param present slots on the instance
     * @param lastSeen slots of members seen so far, with the moment on the boot-time clock at which
     *     they were last there
     */
    public static SlotPlan of(
            MemberName self,
            ClusterView view,
            Set<String> present,
            Map<String, Long> lastSeen,
            long now,
            long retainNanos) {
        Set<String> wanted = new TreeSet<>();
        if (view.settings().useSlots()) {
            for (Member member : view.members().values()) {
                boolean streamsFromUs =
                        member.tags().replicateFrom().isEmpty()
                                || member.tags().replicateFrom().equals(self.value());
                if (!member.name().equals(self) && streamsFromUs && !member.tags().noStream()) {
                    wanted.add(member.name().slotName());
                }
            }
        }
        Set<String> create = new TreeSet<>(wanted);
        create.removeAll(present);
        Set<String> drop = new TreeSet<>();
        for (String slot : present) {
            Long seen = lastSeen.get(slot);
            if (!wanted.contains(slot) && seen != null && now - seen > retainNanos) {
                drop.add(slot);
            }
        }
        return new SlotPlan(create, drop);
    }

    public boolean isEmpty() {
        return create.isEmpty() && drop.isEmpty();
    }
}
