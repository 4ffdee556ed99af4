package io.pgnode.guard.core;

/**
 * What the agent tells the guard. Deadlines are nanoseconds of the host's boot-time clock.
 *
 * <p>{@link #text} and {@link #parse} are each other's reverse.
 */
public sealed interface GuardMessage {
    /** The agent introduces itself: first message of each connection. */
    record Hello(long pid, long startTicks, String version) implements GuardMessage {
        @Override
        public String text() {
            return "HELLO " + pid + " " + startTicks + " " + version;
        }
    }

    /** This member leads until the deadline; pid and startTicks are 0 while no postmaster runs. */
    record Lead(long epoch, long deadlineNanos, long pid, long startTicks) implements GuardMessage {
        @Override
        public String text() {
            return "LEAD " + epoch + " " + deadlineNanos + " " + pid + " " + startTicks;
        }
    }

    /** The lease was renewed. */
    record Extend(long epoch, long deadlineNanos) implements GuardMessage {
        @Override
        public String text() {
            return "EXTEND " + epoch + " " + deadlineNanos;
        }
    }

    /** The postmaster to kill is this one now. */
    record Postmaster(long pid, long startTicks) implements GuardMessage {
        @Override
        public String text() {
            return "POSTMASTER " + pid + " " + startTicks;
        }
    }

    /** This member does not lead any more, and its PostgreSQL does not accept writes. */
    record Release(long epoch) implements GuardMessage {
        @Override
        public String text() {
            return "RELEASE " + epoch;
        }
    }

    /** For systemd: the service is up. */
    record Ready() implements GuardMessage {
        @Override
        public String text() {
            return "READY";
        }
    }

    /** For systemd: the agent completed a cycle. */
    record Watchdog() implements GuardMessage {
        @Override
        public String text() {
            return "WATCHDOG";
        }
    }

    /** For systemd: the service is on its way down. */
    record Stopping() implements GuardMessage {
        @Override
        public String text() {
            return "STOPPING";
        }
    }

    /** For systemd: one line for the operator. */
    record Status(String status) implements GuardMessage {
        @Override
        public String text() {
            return "STATUS " + status.replace('\n', ' ');
        }
    }

    /** The line without its number and newline. */
    String text();

    /**
     * @throws IllegalArgumentException for a line that is none of ours, with the line in the text
     */
    static GuardMessage parse(String text) {
        int blank = text.indexOf(' ');
        String word = blank < 0 ? text : text.substring(0, blank);
        String rest = blank < 0 ? "" : text.substring(blank + 1);
        String[] fields = rest.isEmpty() ? new String[0] : rest.split(" ", -1);
        try {
            return switch (word + "/" + fields.length) {
                case "HELLO/3" -> new Hello(number(fields[0]), number(fields[1]), fields[2]);
                case "LEAD/4" ->
                        new Lead(
                                number(fields[0]),
                                number(fields[1]),
                                number(fields[2]),
                                number(fields[3]));
                case "EXTEND/2" -> new Extend(number(fields[0]), number(fields[1]));
                case "POSTMASTER/2" -> new Postmaster(number(fields[0]), number(fields[1]));
                case "RELEASE/1" -> new Release(number(fields[0]));
                case "READY/0" -> new Ready();
                case "WATCHDOG/0" -> new Watchdog();
                case "STOPPING/0" -> new Stopping();
                default -> {
                    if (word.equals("STATUS")) {
                        yield new Status(rest);
                    }
                    throw new IllegalArgumentException("not a guard message: " + text);
                }
            };
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a guard message: " + text, e);
        }
    }

    private static long number(String field) {
        return Long.parseLong(field);
    }
}
