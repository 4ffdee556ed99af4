/**
 * The parts of {@code pgnode demo}: what a demo cluster consists of, its processes, and the writer
 * that tells whether the cluster keeps its promises.
 *
 * <p>Read {@code DemoLayout} (names, ports and files), {@code DemoProcess} (one started process),
 * {@code DemoWriter} (inserts all the time), {@code WriteLog} (what was acknowledged, and when).
 */
@NullMarked
package io.pgnode.cli.demo;

import org.jspecify.annotations.NullMarked;
