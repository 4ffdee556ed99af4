/** Real servers and small tools that the tests of several rooms use. */
@NullMarked
package io.pgnode.testing;

import org.jspecify.annotations.NullMarked;
