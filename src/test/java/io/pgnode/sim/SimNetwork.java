package io.pgnode.sim;

import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Messages between hosts: delayed, sometimes lost, and cut per direction. */
final class SimNetwork {
    private static final long MILLI = 1_000_000L;

    private final World world;
    private final Set<String> cuts = new TreeSet<>();
    private final double lossRate;
    private final double slowRate;
    private final Map<String, Long> slow = new TreeMap<>();
    private boolean calm;

    /**
     * @param lossRate share of messages that are lost
     * @param slowRate share of messages that take much longer
     */
    SimNetwork(World world, double lossRate, double slowRate) {
        this.world = world;
        this.lossRate = lossRate;
        this.slowRate = slowRate;
    }

    /** No losses and no long delays from now on. */
    void calm() {
        calm = true;
        cuts.clear();
        slow.clear();
    }

    void cut(String from, String to) {
        cuts.add(from + ">" + to);
    }

    void heal(String from, String to) {
        cuts.remove(from + ">" + to);
    }

    /** Every message that way takes up to {@code nanos}; zero for as usual. */
    void slow(String from, String to, long nanos) {
        if (nanos == 0) {
            slow.remove(from + ">" + to);
        } else {
            slow.put(from + ">" + to, nanos);
        }
    }

    boolean reaches(String from, String to) {
        return from.equals(to) || !cuts.contains(from + ">" + to);
    }

    /** Runs {@code atReceiver} there, later or never. */
    void send(String from, String to, Runnable atReceiver) {
        Random chance = world.chance("net " + from + ">" + to);
        double luck = chance.nextDouble();
        double size = chance.nextDouble();
        if (!reaches(from, to) || !calm && luck < lossRate) {
            return;
        }
        long delay = (long) ((0.1 + 0.6 * size) * MILLI);
        if (!calm && luck < lossRate + slowRate) {
            delay = (long) (size * size * size * 2500 * MILLI);
        }
        delay += (long) (size * slow.getOrDefault(from + ">" + to, 0L));
        world.after(
                delay,
                to,
                () -> {
                    if (reaches(from, to)) {
                        atReceiver.run();
                    }
                });
    }
}
