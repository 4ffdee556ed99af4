/** Tests of the pooler's engine. */
@NullMarked
package io.pgnode.gateway.pooler;

import org.jspecify.annotations.NullMarked;
