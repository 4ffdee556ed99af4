/**
 * WAL into repositories and out of them.
 *
 * <pre>
 *   PostgreSQL --archive_command--> ArchiveMain --unix socket--> ArchiverServer -> PushDesk  -> WalPusher
 *              --restore_command->      |                                       -> Prefetcher -> WalFetcher
 *                                       `- archiver away: WalPusher, WalFetcher in the same process
 * </pre>
 *
 * <p>Reading order: {@link io.pgnode.backup.archive.ArchiveMain} is what PostgreSQL runs for each
 * file; {@link io.pgnode.backup.archive.Archiver} is the process that works ahead of it; {@link
 * io.pgnode.backup.archive.WalPusher} and {@link io.pgnode.backup.archive.WalFetcher} do the work
 * for both; {@link io.pgnode.backup.archive.Ownership} decides whether a file may go into the
 * archive or belongs to a history that ended.
 *
 * <p>Two rules hold everywhere. Success is said when the file is durable in all repositories, and
 * never before. A file counts as absent when all repositories have answered that they do not have
 * it; an error is never absence, because PostgreSQL takes absence for the end of the log.
 */
@NullMarked
package io.pgnode.backup.archive;

import org.jspecify.annotations.NullMarked;
