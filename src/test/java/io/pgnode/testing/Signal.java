package io.pgnode.testing;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The signals of our faults, sent with kill(2): no process is started, so the moment of the fault
 * is known.
 */
public enum Signal {
    HUP(1),
    INT(2),
    QUIT(3),
    KILL(9),
    USR2(12),
    TERM(15),
    CONT(18),
    STOP(19);

    private static final MethodHandle KILL_FUNCTION =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().find("kill").orElseThrow(),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT));

    private final int number;

    Signal(int number) {
        this.number = number;
    }

    /** Sends to one process; returns false when it is gone or not ours. */
    boolean send(long pid) {
        if (pid <= 1) {
            throw new IllegalArgumentException("pid must be above 1, was " + pid);
        }
        try {
            return (int) KILL_FUNCTION.invokeExact((int) pid, number) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("kill(2) cannot be called", e);
        }
    }
}
