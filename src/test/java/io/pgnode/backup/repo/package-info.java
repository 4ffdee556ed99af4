@NullMarked
package io.pgnode.backup.repo;

import org.jspecify.annotations.NullMarked;
