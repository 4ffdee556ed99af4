/**
 * What can be decided about a PostgreSQL instance without touching it: file formats, generated
 * configuration, command lines, queries, and whether two histories diverged.
 *
 * <p>Pure: bytes and strings in, values out.
 */
@NullMarked
package io.pgnode.postgres.core;

import org.jspecify.annotations.NullMarked;
