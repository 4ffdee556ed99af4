/** Tests of WAL going in and out. */
@NullMarked
package io.pgnode.backup.archive;

import org.jspecify.annotations.NullMarked;
