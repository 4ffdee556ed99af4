@NullMarked
package io.pgnode.gateway.pooler;

import org.jspecify.annotations.NullMarked;
