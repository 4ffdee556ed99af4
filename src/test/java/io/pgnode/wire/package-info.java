/** Tests of the protocol's messages. */
@NullMarked
package io.pgnode.wire;

import org.jspecify.annotations.NullMarked;
