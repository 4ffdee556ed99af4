/**
 * When backups are made, by which member, and that each slot gets one in the whole cluster.
 *
 * <p>{@code core} decides; {@link io.pgnode.backup.schedule.Scheduler} asks it on every member,
 * takes the {@link io.pgnode.backup.schedule.BackupLease} and runs the backup as a child.
 */
@NullMarked
package io.pgnode.backup.schedule;

import org.jspecify.annotations.NullMarked;
