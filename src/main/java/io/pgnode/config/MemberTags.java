package io.pgnode.config;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The tags of this member: what its role means, and where its pooler listens if that is unusual,
 * with {@code ha.tags} over it.
 *
 * <p>{@code offline} is chosen last in a race (failover_priority 0 would forbid it, so that a
 * cluster could be left without a primary; it never serves the primary's readers because services
 * select by the {@code role} tag). {@code delayed} never becomes primary by itself, is no
 * synchronous standby and serves no readers.
 */
public final class MemberTags {
    private static final int POOLER_PORT = 6432;

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
        return of(config.role(), config);
    }

    /**
     * @param role in place of the configuration's
     */
    public static SortedMap<String, String> of(NodeRole role, PgnodeConfig config) {
        TreeMap<String, String> tags = new TreeMap<>(OF_ROLE.getOrDefault(role, Map.of()));
        if (config.pooler().enabled() && config.pooler().port() != POOLER_PORT) {
            tags.put("pooler_port", Integer.toString(config.pooler().port()));
        }
        tags.putAll(config.ha().tags());
        return Collections.unmodifiableSortedMap(tags);
    }
}
