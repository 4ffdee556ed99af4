package io.pgnode.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * Network namespaces on one bridge, so that cables can be cut while every process and the test's
 * own connections live.
 *
 * <p>A cut between two places gives each the wrong Ethernet address of the other: packets vanish
 * without an error, as behind a dead switch, and the test still reaches both. {@code unplug} takes
 * a place off the bridge for everybody.
 */
public final class NetworkLab implements AutoCloseable {
    private static final String PREFIX = "pgn";
    private static final String NOWHERE = "02:00:00:00:00:99";

    private final Reaper reaper = new Reaper();
    private final String id = PREFIX + ProcessHandle.current().pid();
    private final String bridge;
    private final String subnet;
    private final List<Place> places = new ArrayList<>();
    private final Map<Place, String> links = new HashMap<>();

    /** Builds the bridge; needs {@link Capabilities#network()}. */
    public NetworkLab() {
        removeLeftovers();
        int lab = ThreadLocalRandom.current().nextInt(64 * 256);
        subnet = "10." + (192 + lab / 256) + "." + lab % 256 + ".";
        bridge = id + "b" + Integer.toString(lab, 36);
        Command.run("ip", "link", "add", bridge, "type", "bridge");
        reaper.atEnd(() -> Command.run("ip", "link", "del", bridge));
        Command.run("ip", "addr", "add", subnet + "254/24", "dev", bridge);
        Command.run("ip", "link", "set", bridge, "up");
    }

    /** A new place with an address of its own on the bridge. */
    public Place add() {
        int number = places.size() + 1;
        String namespace = bridge + "-" + number;
        String link = bridge.substring(0, Math.min(bridge.length(), 12)) + "v" + number;
        Command.run("ip", "netns", "add", namespace);
        reaper.atEnd(() -> Command.run("ip", "netns", "del", namespace));
        Command.run(
                "ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns",
                namespace);
        Command.run("ip", "link", "set", link, "master", bridge, "up");
        Command.run("ip", "-n", namespace, "addr", "add", subnet + number + "/24", "dev", "eth0");
        Command.run("ip", "-n", namespace, "link", "set", "eth0", "up");
        Command.run("ip", "-n", namespace, "link", "set", "lo", "up");
        var place = new Place(subnet + number, namespace);
        places.add(place);
        links.put(place, link);
        return place;
    }

    /** Packets between the two vanish, both ways. */
    public void cut(Place one, Place other) {
        misdirect(one, other);
        misdirect(other, one);
    }

    /** Undoes {@link #cut}. */
    public void heal(Place one, Place other) {
        redirect(one, other);
        redirect(other, one);
    }

    /** Undoes every cut and plugs everything in again. */
    public void healAll() {
        for (Place one : places) {
            plug(one);
            for (Place other : places) {
                if (!one.equals(other)) {
                    redirect(one, other);
                }
            }
        }
    }

    /** Cuts a place off from everybody, the test included. */
    public void unplug(Place place) {
        Command.run("ip", "link", "set", linkOf(place), "down");
    }

    /** Undoes {@link #unplug}. */
    public void plug(Place place) {
        Command.run("ip", "link", "set", linkOf(place), "up");
    }

    @Override
    public void close() {
        reaper.close();
    }

    private String linkOf(Place place) {
        String link = links.get(place);
        if (link == null) {
            throw new IllegalArgumentException(place + " is not of this laboratory");
        }
        return link;
    }

    private static void misdirect(Place from, Place to) {
        Command.run(
                "ip",
                "-n",
                from.namespace() + "",
                "neigh",
                "replace",
                to.address(),
                "lladdr",
                NOWHERE,
                "nud",
                "permanent",
                "dev",
                "eth0");
    }

    private static void redirect(Place from, Place to) {
        Command.succeeds(
                "ip", "-n", from.namespace() + "", "neigh", "del", to.address(), "dev", "eth0");
    }

    /** Removes what a killed test left: names carry the number of its process. */
    private static void removeLeftovers() {
        names("/run/netns")
                .filter(NetworkLab::isLeftover)
                .forEach(name -> Command.succeeds("ip", "netns", "del", name));
        names("/sys/class/net")
                .filter(NetworkLab::isLeftover)
                .forEach(name -> Command.succeeds("ip", "link", "del", name));
    }

    private static boolean isLeftover(String name) {
        if (!name.matches(PREFIX + "\\d+[bv].*")) {
            return false;
        }
        long owner = Long.parseLong(name.replaceFirst(PREFIX + "(\\d+)[bv].*", "$1"));
        return OsProcess.of(owner).isEmpty();
    }

    private static Stream<String> names(String directory) {
        try (Stream<Path> entries = Files.list(Path.of(directory))) {
            return entries.map(entry -> entry.getFileName().toString()).toList().stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }
}
