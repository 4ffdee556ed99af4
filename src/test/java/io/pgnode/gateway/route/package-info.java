@NullMarked
package io.pgnode.gateway.route;

import org.jspecify.annotations.NullMarked;
