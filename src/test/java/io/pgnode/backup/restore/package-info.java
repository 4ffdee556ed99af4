@NullMarked
package io.pgnode.backup.restore;

import org.jspecify.annotations.NullMarked;
