@NullMarked
package io.pgnode.backup.storage;

import org.jspecify.annotations.NullMarked;
