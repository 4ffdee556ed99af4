package io.pgnode.config;

import java.util.Locale;

/** What a node is meant to be: a wish for the first start, a tag afterwards. */
public enum NodeRole {
    /** May create the cluster when there is none. */
    PRIMARY,
    /** Waits for a primary to clone, never creates the cluster. */
    REPLICA,
    /** A replica for slow queries and extracts; the last choice as a primary. */
    OFFLINE,
    /** A replica that applies changes late on purpose; never promoted automatically. */
    DELAYED;

    /** Whether a member with this wish may create the cluster when there is none. */
    public boolean mayCreateCluster() {
        return this == PRIMARY;
    }

    /** The spelling in the file and in tags. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
