package io.pgnode.cluster;

/** Whether the leader waits for standbys: {@code synchronous_mode} of the dynamic configuration. */
public enum SyncMode {
    OFF,
    ON,
    QUORUM
}
