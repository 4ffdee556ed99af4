package io.pgnode;

/** Facts about the product itself. */
public final class Pgnode {
    /** Version of this build; the same as in pom.xml, which a test checks. */
    public static final String VERSION = "0.1.0";

    private Pgnode() {}
}
