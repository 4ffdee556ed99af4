package io.pgnode.cluster;

/**
 * The initialize key: empty while a member bootstraps the cluster, then the system identifier.
 *
 * @param systemId decimal; empty during bootstrap
 */
public record InitializeKey(String systemId, long leaseId, long modRevision) {
    public boolean isBootstrapping() {
        return systemId.isEmpty();
    }
}
