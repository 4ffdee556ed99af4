/** Tests of the pooler in front of a real PostgreSQL. */
@NullMarked
package io.pgnode.gateway.pooler;

import org.jspecify.annotations.NullMarked;
