@NullMarked
package io.pgnode.gateway;

import org.jspecify.annotations.NullMarked;
