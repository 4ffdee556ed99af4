@NullMarked
package io.pgnode.backup.codec;

import org.jspecify.annotations.NullMarked;
