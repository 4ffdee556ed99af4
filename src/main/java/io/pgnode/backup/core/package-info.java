/** The repository format's files and names as values, and the decisions about them; pure. */
@NullMarked
package io.pgnode.backup.core;

import org.jspecify.annotations.NullMarked;
