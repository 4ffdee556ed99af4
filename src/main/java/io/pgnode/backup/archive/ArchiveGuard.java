package io.pgnode.backup.archive;

/**
 * What the cluster says of this member: whether it is the one whose WAL belongs into the archive. A
 * demoted or fenced primary may have written what the cluster has left behind.
 *
 * <p>Called from many threads, before each file; answers from what it knows, without waiting.
 */
@FunctionalInterface
public interface ArchiveGuard {
    /** Where nobody knows: the archived timeline histories decide. */
    ArchiveGuard NOBODY_KNOWS = _ -> new Answer.Unknown();

    /**
     * Whether this member may push what it wrote on a timeline.
     *
     * @param timeline of the file, unsigned
     */
    Answer mayPush(int timeline);

    /** The answer. */
    sealed interface Answer {
        /**
         * It leads, or the timeline is one that the leader comes from.
         *
         * @param epoch of the view that says so
         */
        record Allowed(long epoch) implements Answer {}

        /**
         * Another one leads.
         *
         * @param reason for people, such as {@code member n2 leads since epoch 7}
         */
        record Refused(String reason) implements Answer {}

        /** There is no view, or it is too old. */
        record Unknown() implements Answer {}
    }
}
