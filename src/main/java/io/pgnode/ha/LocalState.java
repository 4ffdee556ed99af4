package io.pgnode.ha;

import io.pgnode.cluster.InstanceView;
import io.pgnode.cluster.InstanceView.ProcessState;
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
 * @param memory what earlier cycles left behind
 */
public record LocalState(
        MemberName self,
        Tags tags,
        InstanceView instance,
        LeaseState lease,
        @Nullable String task,
        boolean watchdogFailed,
        HaMemory memory) {
    public LocalState(
            MemberName self,
            Tags tags,
            InstanceView instance,
            LeaseState lease,
            @Nullable String task,
            boolean watchdogFailed) {
        this(self, tags, instance, lease, task, watchdogFailed, HaMemory.NONE);
    }

    /** The same with a newer lease and instance. */
    public LocalState now(LeaseState newLease, InstanceView newInstance) {
        return new LocalState(self, tags, newInstance, newLease, task, watchdogFailed, memory);
    }

    /**
     * Whether the instance accepts writes, or will as soon as it has started: nothing but a valid
     * lease may allow that.
     */
    public boolean mayWrite() {
        return instance.process() != ProcessState.STOPPED && !instance.inRecovery();
    }
}
