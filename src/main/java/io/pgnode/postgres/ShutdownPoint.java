package io.pgnode.postgres;

import io.pgnode.model.Lsn;

/**
 * Where a primary ended.
 *
 * @param checkpoint location of the shutdown checkpoint record
 * @param end the position after it: a standby whose flush position has reached it lost nothing
 */
public record ShutdownPoint(int timeline, Lsn checkpoint, Lsn end) {}
