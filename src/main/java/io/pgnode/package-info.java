/** One binary that turns a Linux host with PostgreSQL into a node of a production cluster. */
@NullMarked
package io.pgnode;

import org.jspecify.annotations.NullMarked;
