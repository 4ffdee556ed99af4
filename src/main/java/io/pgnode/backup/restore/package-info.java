/**
 * Backups out: a data directory made from a backup, ready to recover to a target.
 *
 * <p>Reading order: {@link io.pgnode.backup.restore.RestoreRequest} says what is wanted, {@link
 * io.pgnode.backup.restore.RestorePlan} what that takes and what stands against it, {@link
 * io.pgnode.backup.restore.Restore} makes the plan and does it. The decisions are in {@code core}.
 */
@NullMarked
package io.pgnode.backup.restore;

import org.jspecify.annotations.NullMarked;
