@NullMarked
package io.pgnode.backup.core;

import org.jspecify.annotations.NullMarked;
