@NullMarked
package io.pgnode.backup.upkeep;

import org.jspecify.annotations.NullMarked;
