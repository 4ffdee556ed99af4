package io.pgnode.os;

/** The signals that we send, with their numbers on Linux. */
public enum Signal {
    HUP(1),
    INT(2),
    QUIT(3),
    KILL(9),
    USR1(10),
    USR2(12),
    TERM(15),
    CONT(18),
    STOP(19);

    private final int number;

    Signal(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** "signal 9 (KILL)"; only the number for signals that we never send. */
    public static String describe(int number) {
        for (Signal signal : values()) {
            if (signal.number == number) {
                return "signal " + number + " (" + signal + ")";
            }
        }
        return "signal " + number;
    }
}
