package io.pgnode.backup.core;

/**
 * A cluster that a stanza holds, or held before an upgrade.
 *
 * @param id 1 for the stanza's first, then counted up
 * @param version the major version, {@code 15}; {@code 9.6} for the old ones
 * @param systemId unsigned decimal
 * @param catalogVersion of its pg_control; 0 where the file does not say (archive.info)
 * @param controlVersion of its pg_control; 0 where the file does not say (archive.info)
 */
public record DatabaseVersion(
        int id, String version, String systemId, int catalogVersion, int controlVersion) {
    /** The directory of its WAL: {@code 15-1}. */
    public String archiveId() {
        return version + "-" + id;
    }

    /** Whether it is a cluster with this identifier and major version. */
    public boolean is(String otherSystemId, String otherVersion) {
        return systemId.equals(otherSystemId) && version.equals(otherVersion);
    }
}
