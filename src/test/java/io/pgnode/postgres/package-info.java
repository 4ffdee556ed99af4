@NullMarked
package io.pgnode.postgres;

import org.jspecify.annotations.NullMarked;
