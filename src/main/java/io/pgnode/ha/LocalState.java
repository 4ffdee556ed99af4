package io.pgnode.ha;

import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.Tags;
import io.pgnode.model.MemberName;
import org.jspecify.annotations.Nullable;

/**
 * What a member knows of itself when it decides.
 *
 * @param instance the local PostgreSQL
 * @param lease our leader lease
 * @param task the long work under way ({@code creating replica from pg-test-1}, …); null when idle
 * @param watchdogFailed a required hardware watchdog cannot be armed
 */
public record LocalState(
        MemberName self,
        Tags tags,
        InstanceView instance,
        LeaseState lease,
        @Nullable String task,
        boolean watchdogFailed) {}
