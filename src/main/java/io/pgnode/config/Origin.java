package io.pgnode.config;

/** Where a value comes from. Prints as in reports: {@code pgnode.yml:7}, {@code PGNODE_SEQ}. */
public sealed interface Origin {
    /** Nobody set it. */
    record Default() implements Origin {
        @Override
        public String toString() {
            return "default";
        }
    }

    /**
     * @param line counts from 1
     */
    record InFile(String file, int line) implements Origin {
        @Override
        public String toString() {
            return file + ":" + line;
        }
    }

    record Environment(String variable) implements Origin {
        @Override
        public String toString() {
            return "environment variable " + variable;
        }
    }

    /** It follows from other keys. */
    record Derived(String from) implements Origin {
        @Override
        public String toString() {
            return "from " + from;
        }
    }
}
