@NullMarked
package io.pgnode.gateway.route.core;

import org.jspecify.annotations.NullMarked;
