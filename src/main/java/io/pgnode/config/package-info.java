/**
 * What the configuration file says: typed interfaces, the loader, the checks and their report.
 *
 * <p>Read in this order: {@link io.pgnode.config.PgnodeConfig} (every key), {@link
 * io.pgnode.config.ConfigLoader} (file and environment to values), {@link
 * io.pgnode.config.ConfigProblems} (everything that is wrong, at once). Defaults stand in {@code
 * WithDefault} and nowhere else; rules between keys in {@code *Check}.
 */
@NullMarked
package io.pgnode.config;

import org.jspecify.annotations.NullMarked;
