/**
 * Backups, WAL archiving and restore, in pgBackRest's repository format.
 *
 * <p>Reading order, from the pure to the effects:
 *
 * <ul>
 *   <li>{@code core}: the format's files and names as values, what retention keeps, what a restore
 *       needs; no I/O.
 *   <li>{@code codec}: compression, digests, ciphers, page checksums; streams of bytes only.
 *   <li>{@code storage}: files of a repository, on a file system or in an S3 bucket.
 *   <li>{@code repo}: a stanza of a repository: its info files, its WAL, its backups, its ciphers.
 *   <li>{@code archive}, {@code engine}, {@code restore}: WAL in and out, backups in, backups out.
 *   <li>{@code upkeep}: expire, verify, info; {@code adopt}: a take-over from pgBackRest; {@code
 *       schedule}: when backups run and where.
 * </ul>
 *
 * <p>Facts about the format come from spec/backup.md, sections 1 to 3.
 */
@NullMarked
package io.pgnode.backup;

import org.jspecify.annotations.NullMarked;
