/** Tests of the pools' decisions. */
@NullMarked
package io.pgnode.gateway.pooler.core;

import org.jspecify.annotations.NullMarked;
