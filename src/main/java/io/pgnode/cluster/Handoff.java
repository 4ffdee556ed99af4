package io.pgnode.cluster;

import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import org.jspecify.annotations.Nullable;

/**
 * Written by a leader that shut down cleanly, in the transaction that deletes its leader key.
 *
 * @param to the one member that should take over at once; null for anybody
 * @param epoch the epoch that ended
 * @param shutdownLsn position of the shutdown checkpoint: whoever has received it lost nothing
 */
public record Handoff(
        MemberName from, @Nullable MemberName to, long epoch, Lsn shutdownLsn, String reason) {}
