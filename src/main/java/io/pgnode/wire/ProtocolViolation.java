package io.pgnode.wire;

/**
 * The peer sent what the protocol does not allow. The connection cannot go on, because nobody knows
 * where its next message begins.
 */
public final class ProtocolViolation extends Exception {
    /**
     * @param message for the peer and the log: lower case, no secret, no bytes of the peer
     */
    public ProtocolViolation(String message) {
        super(message, null, false, false);
    }

    /** The message is never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
