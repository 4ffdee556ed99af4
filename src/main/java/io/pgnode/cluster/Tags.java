package io.pgnode.cluster;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tags of a member: the known ones with their meaning, and any others as they were written.
 *
 * @param values every tag, its value as text ({@code true}, {@code 100}, {@code zone-a})
 */
public record Tags(Map<String, String> values) {
    public static final Tags NONE = new Tags(Map.of());

    public Tags {
        values = Collections.unmodifiableMap(new TreeMap<>(values));
    }

    /** Never promoted automatically. Also true when {@code failover_priority} is zero or less. */
    public boolean noFailover() {
        String explicit = values.get("nofailover");
        return explicit != null ? isTrue(explicit) : failoverPriority() <= 0;
    }

    /** Not offered to readers by health checks and services. */
    public boolean noLoadBalance() {
        return flag("noloadbalance");
    }

    /** Preferred as the source of a base backup. */
    public boolean cloneFrom() {
        return flag("clonefrom");
    }

    /** Never chosen as synchronous standby. */
    public boolean noSync() {
        return flag("nosync") || number("sync_priority", 1) <= 0;
    }

    /** Breaks ties between candidates of equal WAL position; higher wins; default 1. */
    public int failoverPriority() {
        return number("failover_priority", 1);
    }

    public int syncPriority() {
        return number("sync_priority", 1);
    }

    /** Name of the member to stream from instead of the leader; empty for the leader. */
    public String replicateFrom() {
        return values.getOrDefault("replicatefrom", "");
    }

    /** Recovers from the archive only, never streams. */
    public boolean noStream() {
        return flag("nostream");
    }

    private boolean flag(String key) {
        return isTrue(values.getOrDefault(key, "false"));
    }

    private int number(String key, int otherwise) {
        String value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    private static boolean isTrue(String value) {
        return value.equalsIgnoreCase("true")
                || value.equalsIgnoreCase("on")
                || value.equalsIgnoreCase("yes")
                || value.equals("1");
    }
}
