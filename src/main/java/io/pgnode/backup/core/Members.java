package io.pgnode.backup.core;

/** Writes the members of a JSON object one after the other. */
final class Members {
    private final ByteBuilder out;
    private boolean more;

    Members(ByteBuilder out) {
        this.out = out.ascii("{");
    }

    /** Writes the key; the value is written next. */
    ByteBuilder key(String key) {
        out.ascii(more ? ",\"" : "\"").ascii(key).ascii("\":");
        more = true;
        return out;
    }

    void text(String key, String value) {
        BackrestJson.writeText(value, key(key));
    }

    void end() {
        out.ascii("}");
    }
}
