package io.pgnode.backup.core;

/** How a repository is encrypted. */
public enum CipherType {
    NONE("none"),
    AES_256_CBC("aes-256-cbc");

    private final String text;

    CipherType(String text) {
        this.text = text;
    }

    /** As in configuration files. */
    public String text() {
        return text;
    }

    /**
     * @throws IllegalArgumentException when there is no such type
     */
    public static CipherType parse(String text) {
        for (CipherType type : values()) {
            if (type.text.equals(text)) {
                return type;
            }
        }
        throw new IllegalArgumentException(
                "cipher must be none or aes-256-cbc, was \"" + text + "\"");
    }
}
