@NullMarked
package io.pgnode.gateway.stats;

import org.jspecify.annotations.NullMarked;
