package io.pgnode.backup.core;

/**
 * A database of the cluster when it was backed up.
 *
 * @param id its oid
 * @param lastSystemId the last oid that initdb gave out: databases up to it are the system's
 */
public record ManifestDatabase(String name, long id, long lastSystemId) {}
