@NullMarked
package io.pgnode.backup.schedule.core;

import org.jspecify.annotations.NullMarked;
