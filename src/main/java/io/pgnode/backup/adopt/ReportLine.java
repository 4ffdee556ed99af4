package io.pgnode.backup.adopt;

/**
 * What became of a key of pgBackRest's files, or of one that is not there and whose default is
 * another with us.
 *
 * @param key as it is written there
 * @param place file and line, or {@code default}
 * @param text what it is now, or why it is not; never has a secret
 */
public record ReportLine(Verdict verdict, String key, String place, String text) {
    /** What became of a key. */
    public enum Verdict {
        /** A key of ours has its value. */
        TAKEN("taken"),
        /** It is said in another way with us. */
        OTHER_FORM("has another form"),
        /** It is not needed, or changes nothing that matters. */
        IGNORED("ignored"),
        /** It matters, and cannot be kept: a decision is needed. */
        REFUSED("refused");

        private final String words;

        Verdict(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    @Override
    public String toString() {
        return verdict.words() + ": " + key + " (" + place + "): " + text;
    }
}
