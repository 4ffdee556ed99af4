/**
 * The whole product on real PostgreSQL and etcd, with faults. Each scenario ends with the checker:
 * no two members accepted writes at the same time, no acknowledged synchronous commit is lost, all
 * members stream again.
 */
@NullMarked
package io.pgnode.e2e;

import org.jspecify.annotations.NullMarked;
