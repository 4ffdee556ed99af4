@NullMarked
package io.pgnode.backup.restore.core;

import org.jspecify.annotations.NullMarked;
