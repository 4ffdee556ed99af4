@NullMarked
package io.pgnode.net;

import org.jspecify.annotations.NullMarked;
