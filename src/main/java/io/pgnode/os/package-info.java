/**
 * The operating system: processes and their exits, signals, locks, atomic files, systemd, the
 * hardware watchdog, privileges, where the log goes, the clock that all processes of a host share,
 * and the C libraries of compression.
 *
 * <p>Foreign functions are called in this room only, behind plain classes; {@link
 * io.pgnode.os.Downcall} links each C function at its first call, so that nothing native lives in
 * the heap of a native image. Each new signature must also be added to this room's {@code
 * reachability-metadata.json}.
 */
@NullMarked
package io.pgnode.os;

import org.jspecify.annotations.NullMarked;
