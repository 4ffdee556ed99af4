package io.pgnode.gateway;

/** The gateway cannot start, and what to do about it. */
public final class GatewayException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String hint;

    /**
     * @param hint empty for none
     */
    public GatewayException(String message, String hint) {
        super(message);
        this.hint = hint;
    }

    public String hint() {
        return hint;
    }
}
