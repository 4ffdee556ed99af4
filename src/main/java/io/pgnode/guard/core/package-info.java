/** The rules and the words of the deadline channel; pure. */
@NullMarked
package io.pgnode.guard.core;

import org.jspecify.annotations.NullMarked;
