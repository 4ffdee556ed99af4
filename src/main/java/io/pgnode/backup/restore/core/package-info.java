/** What a restore decides: which backup, which timelines, which WAL, which bytes; pure. */
@NullMarked
package io.pgnode.backup.restore.core;

import org.jspecify.annotations.NullMarked;
