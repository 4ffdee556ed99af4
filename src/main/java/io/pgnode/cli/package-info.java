/** Picocli commands; they compose the other rooms, and nobody uses them. */
@NullMarked
package io.pgnode.cli;

import org.jspecify.annotations.NullMarked;
