@NullMarked
package io.pgnode.feed;

import org.jspecify.annotations.NullMarked;
