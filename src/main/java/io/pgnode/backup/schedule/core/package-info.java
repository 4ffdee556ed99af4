/** Slots, what is due, and where; values in, values out. */
@NullMarked
package io.pgnode.backup.schedule.core;

import org.jspecify.annotations.NullMarked;
