package io.pgnode.gateway.pooler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The bytes of a service, by the member that its clients have. Clients of the primary keep their
 * counters when that changes, so what passed until then is written down for the one before.
 * Counters are their loop's; all else is behind the service's lock.
 */
final class ServiceTraffic {
    private final int loops;
    private final Map<String, List<Entrance.Traffic>> counters = new ConcurrentHashMap<>();

    /** What of the counters of a name belongs to another, or was cleared. */
    private final Map<String, Sum> offsets = new HashMap<>();

    /**
     * Who has what is counted as the primary's; empty for nobody, whose bytes the next one gets.
     */
    private String primary = "";

    /** Name of the counters that follow the primary. */
    private static final String FOLLOWING = "";

    ServiceTraffic(int loops) {
        this.loops = loops;
    }

    record Sum(long received, long sent) {
        static final Sum ZERO = new Sum(0, 0);

        Sum plus(Sum other) {
            return new Sum(received + other.received, sent + other.sent);
        }

        Sum minus(Sum other) {
            return new Sum(received - other.received, sent - other.sent);
        }
    }

    /** The counters of clients that have this member until they ask again. Any thread. */
    Entrance.Traffic of(String member, int loop) {
        return counters.computeIfAbsent(member, _ -> perLoop()).get(loop);
    }

    /** The counters of clients that follow the primary, whoever that is. Any thread. */
    Entrance.Traffic following(int loop) {
        return of(FOLLOWING, loop);
    }

    private List<Entrance.Traffic> perLoop() {
        List<Entrance.Traffic> result = new ArrayList<>();
        for (int i = 0; i < loops; i++) {
            result.add(new Entrance.Traffic());
        }
        return List.copyOf(result);
    }

    /** Another member is primary; nobody is when it is empty. */
    void moveTo(String member) {
        if (member.isEmpty() || member.equals(primary)) {
            return;
        }
        if (!primary.isEmpty()) {
            Sum its = counted(FOLLOWING);
            offsets.merge(FOLLOWING, its, Sum::plus);
            offsets.merge(primary, Sum.ZERO.minus(its), Sum::plus);
        }
        primary = member;
    }

    /** Of that member. */
    Sum of(String member) {
        Sum own = counted(member);
        return member.equals(primary) ? own.plus(counted(FOLLOWING)) : own;
    }

    private Sum counted(String name) {
        long received = 0;
        long sent = 0;
        for (Entrance.Traffic each : counters.getOrDefault(name, List.of())) {
            received += each.received;
            sent += each.sent;
        }
        return new Sum(received, sent).minus(offsets.getOrDefault(name, Sum.ZERO));
    }

    /** Of all members, and of clients that have none. */
    Sum all() {
        Sum sum = Sum.ZERO;
        for (String name : names()) {
            sum = sum.plus(counted(name));
        }
        return sum;
    }

    private List<String> names() {
        List<String> names = new ArrayList<>(counters.keySet());
        offsets.keySet().stream().filter(name -> !names.contains(name)).forEach(names::add);
        return names;
    }

    /** From zero again. */
    void clear() {
        for (String name : names()) {
            offsets.merge(name, counted(name), Sum::plus);
        }
    }
}
