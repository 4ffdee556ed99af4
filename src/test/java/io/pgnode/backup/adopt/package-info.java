@NullMarked
package io.pgnode.backup.adopt;

import org.jspecify.annotations.NullMarked;
