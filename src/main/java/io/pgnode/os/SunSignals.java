package io.pgnode.os;

/**
 * The only class that names {@code sun.misc.Signal}, which the module jdk.unsupported keeps for
 * want of a replacement and which works in native images. Compiled apart, see pom.xml, so it must
 * not use any other class of ours.
 */
final class SunSignals {
    private SunSignals() {}

    /** {@code name} without SIG. The action runs on a new thread. */
    static void handle(String name, Runnable action) {
        sun.misc.Signal.handle(new sun.misc.Signal(name), _ -> action.run());
    }
}
