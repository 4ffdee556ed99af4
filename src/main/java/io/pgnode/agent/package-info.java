/**
 * The shell of high availability: it reads, asks {@code ha} to decide, acts, and serves the REST
 * API.
 */
@NullMarked
package io.pgnode.agent;

import org.jspecify.annotations.NullMarked;
