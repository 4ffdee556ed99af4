/**
 * Changes of the dynamic configuration, as {@code edit-config} takes them.
 *
 * <p>Pure: JSON trees in, JSON trees out.
 */
@NullMarked
package io.pgnode.cli.edit;

import org.jspecify.annotations.NullMarked;
