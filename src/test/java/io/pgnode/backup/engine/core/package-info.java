@NullMarked
package io.pgnode.backup.engine.core;

import org.jspecify.annotations.NullMarked;
