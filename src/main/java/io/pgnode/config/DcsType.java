package io.pgnode.config;

/** Kind of the distributed configuration store. */
public enum DcsType {
    /** An etcd cluster, version 3.4 or later. */
    ETCD,
    /** Our own {@code pgnode dcs}, for a single node, a laptop and tests. */
    EMBEDDED
}
