/**
 * From a snapshot of the cluster to the tables that operators read, column by column as patronictl
 * prints them.
 *
 * <p>Pure: a {@link io.pgnode.cluster.ClusterView} in, a {@link io.pgnode.cli.text.Table} out.
 */
@NullMarked
package io.pgnode.cli.view;

import org.jspecify.annotations.NullMarked;
