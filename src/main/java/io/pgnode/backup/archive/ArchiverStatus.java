package io.pgnode.backup.archive;

/**
 * What the archiver does.
 *
 * @param pushed files that were archived since it started, those already there among them
 * @param quarantined files that were kept aside
 * @param failed attempts that failed
 * @param waiting files that are being pushed or wait for it
 * @param remembered files that were pushed, or failed, before PostgreSQL took notice
 * @param failing why archiving does not work at present; empty when it does
 */
public record ArchiverStatus(
        long pushed, long quarantined, long failed, int waiting, int remembered, String failing) {}
