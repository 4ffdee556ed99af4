package io.pgnode.cluster;

import io.pgnode.model.MemberName;

/**
 * The leader key: who may lead, bound to a DCS lease.
 *
 * @param leaseId the lease the key lives on; zero when it has none (written by hand)
 * @param createRevision DCS revision at which this holder created it: one per term of leadership
 */
public record LeaderKey(MemberName name, long leaseId, long createRevision, long modRevision) {}
