/**
 * Makes backups: {@link io.pgnode.backup.engine.BackupEngine}. What is copied, in which order and
 * in which form is decided in {@code core}.
 */
@NullMarked
package io.pgnode.backup.engine;

import org.jspecify.annotations.NullMarked;
