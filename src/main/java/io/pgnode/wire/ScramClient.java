package io.pgnode.wire;

import java.security.MessageDigest;
import java.util.Base64;
import java.util.function.BiFunction;

/**
 * The client's side of SCRAM-SHA-256, for one login. With a password {@link #last} takes
 * milliseconds of CPU: not on an event loop; with keys it takes microseconds.
 */
public final class ScramClient {
    private static final String GS2_HEADER = "n,,";

    private final BiFunction<byte[], Integer, ScramKeys> keysOf;
    private final String clientNonce;
    private byte[] expectedSignature = new byte[0];

    private ScramClient(BiFunction<byte[], Integer, ScramKeys> keysOf, String clientNonce) {
        this.keysOf = keysOf;
        this.clientNonce = clientNonce;
    }

    /**
     * @param clientNonce random and printable, without commas
     */
    public static ScramClient withPassword(String password, String clientNonce) {
        return new ScramClient(
                (salt, iterations) -> ScramKeys.of(password, salt, iterations), clientNonce);
    }

    /** With what an earlier exchange of the same role left behind. */
    public static ScramClient withKeys(ScramKeys keys, String clientNonce) {
        return new ScramClient((_, _) -> keys, clientNonce);
    }

    public String first() {
        return GS2_HEADER + bare();
    }

    private String bare() {
        return "n=,r=" + clientNonce;
    }

    /** Answers the server's first message. */
    public String last(String serverFirst) throws ProtocolViolation {
        String[] attributes = serverFirst.split(",", -1);
        if (attributes.length < 3
                || !attributes[0].startsWith("r=" + clientNonce)
                || attributes[0].length() == 2 + clientNonce.length()
                || !attributes[1].startsWith("s=")
                || !attributes[2].startsWith("i=")) {
            throw malformed();
        }
        byte[] salt;
        int iterations;
        try {
            salt = Base64.getDecoder().decode(attributes[1].substring(2));
            iterations = Integer.parseInt(attributes[2].substring(2));
        } catch (IllegalArgumentException e) {
            throw malformed();
        }
        if (iterations < 1 || iterations > ScramSecret.MAX_ITERATIONS || salt.length == 0) {
            throw malformed();
        }
        ScramKeys keys = keysOf.apply(salt, iterations);
        String withoutProof = "c=biws," + attributes[0];
        String authMessage = bare() + "," + serverFirst + "," + withoutProof;
        byte[] signature = Hashes.hmac(Hashes.sha256(keys.clientKey()), authMessage);
        byte[] proof = Hashes.xor(keys.clientKey(), signature);
        expectedSignature = Hashes.hmac(keys.serverKey(), authMessage);
        return withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof);
    }

    /** Whether the server proved that it knows the secret, too. */
    public boolean isServerRight(String serverFinal) {
        if (!serverFinal.startsWith("v=")) {
            return false;
        }
        try {
            return MessageDigest.isEqual(
                    Base64.getDecoder().decode(serverFinal.substring(2)), expectedSignature);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static ProtocolViolation malformed() {
        return new ProtocolViolation("malformed SCRAM message");
    }
}
