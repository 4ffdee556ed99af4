/** What the records of the cluster say for themselves. */
@NullMarked
package io.pgnode.cluster;

import org.jspecify.annotations.NullMarked;
