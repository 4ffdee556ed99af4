package io.pgnode.agent;

import io.pgnode.cluster.Member;
import io.pgnode.dcs.ClusterCodec;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.dcs.DcsException;
import io.pgnode.model.MemberName;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Our member key, on a lease of its own: it says that the agent lives, not that it leads. Confined
 * to the agent's loop.
 *
 * <p>Written only when something changed; positions count as a change at most once per cycle.
 */
final class MemberKey {
    private static final Logger LOG = Logger.getLogger(MemberKey.class);

    private final Loop loop;
    private final ClusterStore store;
    private final MemberName self;
    private final LeaseKeeper.Listener contact;
    private long leaseId;
    private long ttlNanos;
    private long lastRenewalNanos;
    private String written = "";
    private boolean busy;

    /** What the write under way says. */
    private @Nullable Member writing;

    /** Another role or state that came meanwhile; null for none. */
    private @Nullable Wish waiting;

    private record Wish(Member member, Duration ttl, boolean keepLease) {}

    MemberKey(Loop loop, ClusterStore store, MemberName self, LeaseKeeper.Listener contact) {
        this.loop = loop;
        this.store = store;
        this.self = self;
        this.contact = contact;
    }

    /** The member lease, for keys that must not outlive this agent; zero before the first write. */
    long leaseId() {
        return leaseId;
    }

    /**
     * Renews the lease when it is due and writes the key when it changed. While a write is under
     * way, another role or state waits for its end, and other changes for the next call, which also
     * retries what failed.
     *
     * @param keepLease other keys hang on the lease too: it is not exchanged for one of another
     *     length now
     */
    void update(Member member, Duration ttl, boolean missingInDcs, boolean keepLease) {
        if (busy) {
            waiting = isOther(member) ? new Wish(member, ttl, keepLease) : null;
            return;
        }
        waiting = null;
        writing = member;
        if (leaseId == 0) {
            begin(member, ttl);
            return;
        }
        if (ttlNanos != ttl.toNanos() && !keepLease) {
            begin(member, ttl);
            return;
        }
        if (loop.nanos() - lastRenewalNanos >= ttlNanos / 4) {
            renew();
        }
        String json = ClusterCodec.encodeMember(member);
        if (!json.equals(written) || missingInDcs) {
            write(json, 0);
        }
    }

    /** Removes key and lease. */
    CompletableFuture<@Nullable Void> remove() {
        if (leaseId == 0) {
            return CompletableFuture.completedFuture(null);
        }
        long old = leaseId;
        waiting = null;
        forget();
        return loop.hop(store.revokeLease(old)).handle((done, failure) -> null);
    }

    /** Puts the key on a new lease. The old one goes afterwards: the key is never missing. */
    private void begin(Member member, Duration ttl) {
        busy = true;
        long old = leaseId;
        long sentNanos = loop.nanos();
        loop.hop(store.grantLease(ttl))
                .whenComplete(
                        (id, failure) -> {
                            busy = false;
                            if (failure == null) {
                                leaseId = id;
                                ttlNanos = ttl.toNanos();
                                lastRenewalNanos = sentNanos;
                                contact.onContact(loop.nanos());
                                write(ClusterCodec.encodeMember(member), old);
                            } else {
                                LOG.debugf("cannot get a member lease: %s", Loop.message(failure));
                            }
                        });
    }

    private void renew() {
        long sentNanos = loop.nanos();
        lastRenewalNanos = sentNanos;
        long id = leaseId;
        loop.hop(store.keepAlive(id, Duration.ofNanos(ttlNanos / 3)))
                .whenComplete(
                        (granted, failure) -> {
                            if (failure == null) {
                                contact.onContact(loop.nanos());
                            } else if (id == leaseId
                                    && failure instanceof DcsException dcs
                                    && dcs.kind() == DcsException.Kind.LEASE_NOT_FOUND) {
                                forget();
                            }
                        });
    }

    /**
     * @param oldLease which the key hung on until now, to be given back; zero for none
     */
    private void write(String json, long oldLease) {
        busy = true;
        loop.hop(store.writeMember(self, json, leaseId))
                .whenComplete(
                        (done, failure) -> {
                            busy = false;
                            if (failure == null) {
                                written = json;
                                contact.onContact(loop.nanos());
                                if (oldLease != 0) {
                                    var _ = store.revokeLease(oldLease);
                                }
                                goOn();
                            } else if (failure instanceof DcsException dcs
                                    && dcs.kind() == DcsException.Kind.LEASE_NOT_FOUND) {
                                forget();
                            } else {
                                written = "";
                            }
                        });
    }

    private boolean isOther(Member member) {
        return writing == null
                || writing.role() != member.role()
                || !writing.state().equals(member.state());
    }

    /** A change of role must not wait for the next cycle: services follow it. */
    private void goOn() {
        Wish next = waiting;
        waiting = null;
        if (next != null && leaseId != 0) {
            update(next.member(), next.ttl(), false, next.keepLease());
        }
    }

    private void forget() {
        leaseId = 0;
        written = "";
    }
}
