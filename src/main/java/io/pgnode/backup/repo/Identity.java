package io.pgnode.backup.repo;

/**
 * Which cluster it is, as its pg_control says.
 *
 * @param systemId unsigned decimal
 * @param version the major version, {@code 15}
 */
public record Identity(String systemId, String version, int catalogVersion, int controlVersion) {}
