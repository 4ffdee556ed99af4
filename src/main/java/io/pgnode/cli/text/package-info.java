/**
 * How answers look: tables for people and for scripts, JSON, YAML, differences between texts.
 *
 * <p>Pure: values in, text out. Read {@code Table} (what there is to show), then {@code
 * OutputFormat} (the ways to show it).
 */
@NullMarked
package io.pgnode.cli.text;

import org.jspecify.annotations.NullMarked;
