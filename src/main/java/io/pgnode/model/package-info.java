/**
 * Value types every other room speaks: positions in the WAL, timelines, names, sizes, addresses.
 *
 * <p>Pure: no I/O, no clocks, no frameworks. Each type checks itself in its constructor and prints
 * itself the way PostgreSQL does.
 */
@NullMarked
package io.pgnode.model;

import org.jspecify.annotations.NullMarked;
