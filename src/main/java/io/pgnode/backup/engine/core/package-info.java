/** What a backup copies, in which order and in which form; pure. */
@NullMarked
package io.pgnode.backup.engine.core;

import org.jspecify.annotations.NullMarked;
