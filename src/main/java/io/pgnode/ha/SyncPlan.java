package io.pgnode.ha;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.cluster.InstanceView.Standby;
import io.pgnode.cluster.Member;
import io.pgnode.cluster.SyncMode;
import io.pgnode.cluster.SyncState;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The leader's next step towards the synchronous standbys it should have. Safe to stop after any
 * step.
 *
 * <p>Invariant: every name in the sync key is one PostgreSQL waits for, and has everything
 * acknowledged so far. So a name is added to {@code synchronous_standby_names} first and to the key
 * once it has caught up with the position at that moment, and removed from the key first and from
 * {@code synchronous_standby_names} afterwards. All names are listed as {@code FIRST n} of n, so a
 * commit waits for each of them.
 */
public final class SyncPlan {
    /**
     * Never the name of a member: with it alone in the list, commits wait for ever. Patroni's
     * spelling.
     */
    public static final String STRICT_PLACEHOLDER = "__patroni_strict_sync_replica_placeholder__";

    /** One step. */
    public sealed interface Step {
        /** Nothing to change. */
        record Done() implements Step {}

        /** Replace the sync key, comparing its revision. */
        record WriteKey(Set<MemberName> standbys) implements Step {}

        /** Remove the sync key: synchronous mode is off. */
        record DeleteKey() implements Step {}

        /** Set synchronous_standby_names and remember the flush position after it took effect. */
        record SetNames(String value) implements Step {}
    }

    private SyncPlan() {}

    /**
     * The next step.
     *
     * @param standbys rows of pg_stat_replication
     * @param currentNames current synchronous_standby_names
     * @param changedAt flush position after the last change of that setting took effect; null when
     *     it is not known, then nobody is added to the key before the setting has been written
     *     again
     */
    public static Step next(
            MemberName self,
            ClusterView view,
            List<Standby> standbys,
            Lsn leaderFlush,
            String currentNames,
            @Nullable Lsn changedAt) {
        DynamicConfig settings = view.settings();
        SyncState key = view.sync();
        if (settings.synchronousMode() == SyncMode.OFF) {
            if (key.modRevision() != 0) {
                return new Step.DeleteKey();
            }
            return isOurs(currentNames) ? new Step.SetNames("") : new Step.Done();
        }
        Set<MemberName> inKey = self.equals(key.leader()) ? key.standbys() : Set.of();
        Set<MemberName> wanted = wanted(self, view, standbys, leaderFlush, inKey);

        Set<MemberName> kept = new TreeSet<>(inKey);
        kept.retainAll(wanted);
        if (!self.equals(key.leader()) || kept.size() < inKey.size()) {
            return new Step.WriteKey(kept);
        }
        String names = format(wanted, settings.synchronousModeStrict());
        if (!names.equals(currentNames) || changedAt == null) {
            return new Step.SetNames(names);
        }
        Set<MemberName> grown = new TreeSet<>(inKey);
        for (Standby standby : standbys) {
            MemberName name = memberOf(standby, wanted);
            if (name != null && isSync(standby) && standby.flushLsn().compareTo(changedAt) >= 0) {
                grown.add(name);
            }
        }
        return grown.size() > inKey.size() ? new Step.WriteKey(grown) : new Step.Done();
    }

    /**
     * What the setting must be right before a promotion, so that strict mode holds from the first
     * commit on.
     */
    public static String namesAtPromotion(DynamicConfig settings) {
        return settings.synchronousMode() != SyncMode.OFF && settings.synchronousModeStrict()
                ? format(Set.of(), true)
                : "";
    }

    /** {@code "a"}, {@code 2 ("a","b")}; empty for nobody, or the placeholder when strict. */
    static String format(Set<MemberName> names, boolean strict) {
        if (names.isEmpty()) {
            return strict ? quote(STRICT_PLACEHOLDER) : "";
        }
        List<String> quoted = names.stream().map(name -> quote(name.value())).toList();
        return quoted.size() == 1
                ? quoted.getFirst()
                : quoted.size() + " (" + String.join(",", quoted) + ")";
    }

    private static String quote(String name) {
        return '"' + name + '"';
    }

    /**
     * A value this class could have written; anything else is the operator's and left alone when
     * the mode is off.
     */
    private static boolean isOurs(String names) {
        return names.startsWith("\"") || names.matches("\\d+ \\(\".*");
    }

    private static Set<MemberName> wanted(
            MemberName self,
            ClusterView view,
            List<Standby> standbys,
            Lsn leaderFlush,
            Set<MemberName> inKey) {
        record Candidate(Member member, Standby standby) {}
        DynamicConfig settings = view.settings();
        List<Candidate> candidates = new ArrayList<>();
        for (Standby standby : standbys) {
            Member member = member(view, standby.applicationName());
            if (member != null
                    && !member.name().equals(self)
                    && !member.tags().noSync()
                    && !member.tags().noFailover()
                    && standby.state().equals("streaming")
                    && (settings.maximumLagOnSyncnode() < 0
                            || leaderFlush.bytesAhead(standby.flushLsn())
                                    <= settings.maximumLagOnSyncnode())) {
                candidates.add(new Candidate(member, standby));
            }
        }
        candidates.sort(
                Comparator.<Candidate>comparingInt(
                                candidate -> -candidate.member().tags().syncPriority())
                        .thenComparing(candidate -> !inKey.contains(candidate.member().name()))
                        .thenComparing(candidate -> !isSync(candidate.standby()))
                        .thenComparing(
                                candidate -> candidate.standby().flushLsn(),
                                Comparator.reverseOrder())
                        .thenComparing(candidate -> candidate.member().name()));
        Set<MemberName> wanted = new TreeSet<>();
        candidates.stream()
                .limit(Math.max(1, settings.synchronousNodeCount()))
                .forEach(candidate -> wanted.add(candidate.member().name()));
        return wanted;
    }

    private static boolean isSync(Standby standby) {
        return standby.syncState().equals("sync") || standby.syncState().equals("quorum");
    }

    private static @Nullable MemberName memberOf(Standby standby, Set<MemberName> names) {
        for (MemberName name : names) {
            if (name.value().equalsIgnoreCase(standby.applicationName())) {
                return name;
            }
        }
        return null;
    }

    private static @Nullable Member member(ClusterView view, String applicationName) {
        for (Member member : view.members().values()) {
            if (member.name()
                    .value()
                    .toLowerCase(Locale.ROOT)
                    .equals(applicationName.toLowerCase(Locale.ROOT))) {
                return member;
            }
        }
        return null;
    }
}
