@NullMarked
package io.pgnode.postgres.core;

import org.jspecify.annotations.NullMarked;
