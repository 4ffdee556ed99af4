package io.pgnode.dcs.embedded;

/**
 * A key with its value.
 *
 * @param createRevision revision at which the key came into being
 * @param modRevision revision of its last put
 * @param version puts since it came into being, one at first; zero stands for a deleted key
 * @param leaseId zero for none
 */
public record KvEntry(
        Bytes key, Bytes value, long createRevision, long modRevision, long version, long leaseId) {

    static KvEntry deleted(Bytes key, long revision) {
        return new KvEntry(key, Bytes.EMPTY, 0, revision, 0, 0);
    }

    public boolean isDeleted() {
        return version == 0;
    }
}
