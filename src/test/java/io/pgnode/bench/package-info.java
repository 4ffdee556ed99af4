/** Measurements on real PostgreSQL and etcd, side by side with Patroni where it is installed. */
@NullMarked
package io.pgnode.bench;

import org.jspecify.annotations.NullMarked;
