@NullMarked
package io.pgnode.gateway.proxy;

import org.jspecify.annotations.NullMarked;
