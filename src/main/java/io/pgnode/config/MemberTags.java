package io.pgnode.config;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The tags of this member: what its role means, with {@code ha.tags} over it.
 *
 * <p>{@code offline} is chosen last in a race (failover_priority 0 would forbid it, so that a
 * cluster could be left without a primary; it never serves the primary's readers because services
 * select by the {@code role} tag). {@code delayed} never becomes primary by itself, is no
 * synchronous standby and serves no readers.
 */
public final class MemberTags {
    private static final Map<NodeRole, Map<String, String>> OF_ROLE =
            Map.of(
                    NodeRole.PRIMARY,
                    Map.of(),
                    NodeRole.REPLICA,
                    Map.of(),
                    NodeRole.OFFLINE,
                    Map.of("role", "offline", "nosync", "true"),
                    NodeRole.DELAYED,
                    Map.of(
                            "role",
                            "delayed",
                            "nofailover",
                            "true",
                            "nosync",
                            "true",
                            "noloadbalance",
                            "true"));

    private MemberTags() {}

    public static SortedMap<String, String> of(PgnodeConfig config) {
        return of(config.role(), config.ha().tags());
    }

    /**
     * @param own {@code ha.tags}
     */
    public static SortedMap<String, String> of(NodeRole role, Map<String, String> own) {
        TreeMap<String, String> tags = new TreeMap<>(OF_ROLE.getOrDefault(role, Map.of()));
        tags.putAll(own);
        return Collections.unmodifiableSortedMap(tags);
    }
}
