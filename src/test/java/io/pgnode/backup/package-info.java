@NullMarked
package io.pgnode.backup;

import org.jspecify.annotations.NullMarked;
