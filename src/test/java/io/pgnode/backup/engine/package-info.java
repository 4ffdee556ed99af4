@NullMarked
package io.pgnode.backup.engine;

import org.jspecify.annotations.NullMarked;
