@NullMarked
package io.pgnode.backup.schedule;

import org.jspecify.annotations.NullMarked;
