/** Real servers for tests: temporary directories, random ports, nothing left behind. */
@NullMarked
package io.pgnode.testing;

import org.jspecify.annotations.NullMarked;
