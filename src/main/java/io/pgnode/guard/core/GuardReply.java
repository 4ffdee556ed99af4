package io.pgnode.guard.core;

/** What the guard tells the agent. */
public sealed interface GuardReply {
    /** The message with this number was accepted; the guard is alive. */
    record Ack(long number) implements GuardReply {
        @Override
        public String text() {
            return "ACK " + number;
        }
    }

    /** The message with this number changed nothing. */
    record Refused(long number, String reason) implements GuardReply {
        @Override
        public String text() {
            return "REFUSED " + number + " " + reason;
        }
    }

    /** What the guard holds, after HELLO: maybe of an earlier agent. */
    record State(GuardState.Phase phase, long epoch, long deadlineNanos) implements GuardReply {
        @Override
        public String text() {
            return "STATE " + phase + " " + epoch + " " + deadlineNanos;
        }
    }

    /** The deadline passed and PostgreSQL was killed; also after HELLO while that is so. */
    record Fenced(long epoch, String how, long millis) implements GuardReply {
        @Override
        public String text() {
            return "FENCED " + epoch + " " + how + " " + millis;
        }
    }

    /** The line without its newline. */
    String text();

    /**
     * @throws IllegalArgumentException for a line that is none of ours, with the line in the text
     */
    static GuardReply parse(String text) {
        String[] fields = text.split(" ", 4);
        try {
            return switch (fields[0] + "/" + fields.length) {
                case "ACK/2" -> new Ack(Long.parseLong(fields[1]));
                case "STATE/4" ->
                        new State(
                                GuardState.Phase.valueOf(fields[1]),
                                Long.parseLong(fields[2]),
                                Long.parseLong(fields[3]));
                case "FENCED/4" ->
                        new Fenced(Long.parseLong(fields[1]), fields[2], Long.parseLong(fields[3]));
                default -> {
                    if (fields[0].equals("REFUSED") && fields.length > 2) {
                        yield new Refused(
                                Long.parseLong(fields[1]),
                                text.substring(fields[0].length() + fields[1].length() + 2));
                    }
                    throw new IllegalArgumentException("not a guard reply: " + text);
                }
            };
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a guard reply: " + text, e);
        }
    }
}
