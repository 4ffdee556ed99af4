package io.pgnode.backup.engine.core;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a file of a relation in a database's directory: {@code 16385}, {@code 16385_fsm.1}.
 *
 * @param filenode digits
 * @param segment which gigabyte of the fork, from 0
 * @param isTemporary of a session: {@code t3_16385}
 */
public record RelationName(String filenode, Fork fork, int segment, boolean isTemporary) {
    /** What of a relation a file holds. */
    public enum Fork {
        MAIN,
        /** Free space map. */
        FSM,
        /** Visibility map. */
        VM,
        /** What an unlogged relation starts with after a crash. */
        INIT
    }

    private static final Pattern SHAPE =
            Pattern.compile("(t\\d{1,10}_)?(\\d{1,10})(_fsm|_vm|_init)?(?:\\.(\\d{1,6}))?");

    /** Empty for any other file. */
    public static Optional<RelationName> parse(String name) {
        Matcher parts = SHAPE.matcher(name);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String fork = parts.group(3);
        String segment = parts.group(4);
        return Optional.of(
                new RelationName(
                        parts.group(2),
                        fork == null
                                ? Fork.MAIN
                                : Fork.valueOf(fork.substring(1).toUpperCase(Locale.ROOT)),
                        segment == null ? 0 : Integer.parseInt(segment),
                        parts.group(1) != null));
    }

    /** The first block of the file, counted over the whole fork. */
    public long firstBlock(int segmentBlocks) {
        return (long) segment * segmentBlocks;
    }
}
