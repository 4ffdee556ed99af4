package io.pgnode.wire;

import java.security.MessageDigest;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), for one login. Verifying costs
 * microseconds: the client did the slow part.
 */
public final class ScramServer {
    public static final String MECHANISM = "SCRAM-SHA-256";
    public static final String MECHANISM_PLUS = "SCRAM-SHA-256-PLUS";

    private static final String BINDING = "p=tls-server-end-point,";
    private static final int MAX_MESSAGE = 4096;

    private final ScramSecret secret;
    private final String serverNonce;
    private final byte @Nullable [] endPoint;
    private String gs2Header = "";
    private String clientFirst = "";
    private String serverFirst = "";
    private String nonce = "";

    /**
     * @param serverNonce random and printable, without commas
     * @param endPoint the hash of our TLS certificate, when the client may bind to it; null when
     *     the connection has no TLS
     */
    public ScramServer(ScramSecret secret, String serverNonce, byte @Nullable [] endPoint) {
        this.secret = secret;
        this.serverNonce = serverNonce;
        this.endPoint = endPoint;
    }

    /** Answers the client's first message with ours. */
    public String first(String mechanism, String message) throws ProtocolViolation {
        if (message.length() > MAX_MESSAGE) {
            throw malformed();
        }
        int header = message.indexOf(',', message.indexOf(',') + 1) + 1;
        if (header <= 1) {
            throw malformed();
        }
        gs2Header = message.substring(0, header);
        checkBinding(mechanism);
        clientFirst = message.substring(header);
        String[] attributes = clientFirst.split(",", -1);
        if (attributes.length < 2
                || !attributes[0].startsWith("n=")
                || !attributes[1].startsWith("r=")
                || attributes[1].length() == 2) {
            throw malformed();
        }
        nonce = attributes[1].substring(2) + serverNonce;
        serverFirst =
                "r="
                        + nonce
                        + ",s="
                        + Base64.getEncoder().encodeToString(secret.salt())
                        + ",i="
                        + secret.iterations();
        return serverFirst;
    }

    private void checkBinding(String mechanism) throws ProtocolViolation {
        boolean bound = mechanism.equals(MECHANISM_PLUS);
        if (!bound && !mechanism.equals(MECHANISM)) {
            throw new ProtocolViolation("client selected an invalid SASL authentication mechanism");
        }
        if (bound != gs2Header.startsWith("p=")) {
            throw malformed();
        }
        if (bound && (endPoint == null || !gs2Header.startsWith(BINDING))) {
            throw new ProtocolViolation("unsupported SCRAM channel-binding type");
        }
        if (!bound && gs2Header.charAt(0) == 'y' && endPoint != null) {
            // The client believes we cannot bind, though we offered it: somebody is in between.
            throw new ProtocolViolation("SCRAM channel binding negotiation error");
        }
        if (!bound && gs2Header.charAt(0) != 'n' && gs2Header.charAt(0) != 'y') {
            throw malformed();
        }
        if (!gs2Header.endsWith(",,")) {
            throw new ProtocolViolation(
                    "client uses authorization identity, which is not supported");
        }
    }

    /**
     * The outcome of an exchange.
     *
     * @param message for the client
     * @param keys with which to log in to the server behind
     */
    public record Verified(String message, ScramKeys keys) {}

    /** Verifies the client's last message; null when the password was wrong. */
    public @Nullable Verified last(String message) throws ProtocolViolation {
        int proofAt = message.lastIndexOf(",p=");
        if (message.length() > MAX_MESSAGE || proofAt < 0) {
            throw malformed();
        }
        String withoutProof = message.substring(0, proofAt);
        String[] attributes = withoutProof.split(",", -1);
        if (attributes.length < 2
                || !attributes[0].equals("c=" + expectedBinding())
                || !attributes[1].equals("r=" + nonce)) {
            throw malformed();
        }
        byte[] proof;
        try {
            proof = Base64.getDecoder().decode(message.substring(proofAt + 3));
        } catch (IllegalArgumentException e) {
            throw malformed();
        }
        if (proof.length != Hashes.SHA256_BYTES) {
            throw malformed();
        }
        String authMessage = clientFirst + "," + serverFirst + "," + withoutProof;
        byte[] clientKey = Hashes.xor(proof, Hashes.hmac(secret.storedKey(), authMessage));
        if (!MessageDigest.isEqual(Hashes.sha256(clientKey), secret.storedKey())) {
            return null;
        }
        byte[] signature = Hashes.hmac(secret.serverKey(), authMessage);
        return new Verified(
                "v=" + Base64.getEncoder().encodeToString(signature),
                new ScramKeys(clientKey, secret.serverKey()));
    }

    private String expectedBinding() {
        byte[] header = gs2Header.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        byte[] input = header;
        if (gs2Header.startsWith("p=") && endPoint != null) {
            input = new byte[header.length + endPoint.length];
            System.arraycopy(header, 0, input, 0, header.length);
            System.arraycopy(endPoint, 0, input, header.length, endPoint.length);
        }
        return Base64.getEncoder().encodeToString(input);
    }

    private static ProtocolViolation malformed() {
        return new ProtocolViolation("malformed SCRAM message");
    }
}
