package io.pgnode.net;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and private keys as OpenSSL writes them. Blocking. */
final class PemFiles {
    /** AlgorithmIdentifier of rsaEncryption (RFC 8017). */
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

    /** OBJECT IDENTIFIER id-ecPublicKey (RFC 5480). */
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z ]*PRIVATE KEY)-----([^-]*)-----END");

    private PemFiles() {}

    /** At least one. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        List<X509Certificate> result = new ArrayList<>();
        try {
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(bytes))) {
                result.add((X509Certificate) certificate);
            }
        } catch (CertificateException e) {
            throw new IOException(file + " holds no certificate: " + e.getMessage(), e);
        }
        if (result.isEmpty()) {
            throw new IOException(file + " holds no certificate");
        }
        return result;
    }

    static PrivateKey privateKey(Path file) throws IOException {
        Matcher found = KEY.matcher(Files.readString(file));
        if (!found.find()) {
            throw new IOException(file + " holds no private key");
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(found.group(2));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " holds a private key that is no base64", e);
        }
        byte[] key =
                switch (found.group(1)) {
                    case "PRIVATE KEY" -> der;
                    case "RSA PRIVATE KEY" -> pkcs8(RSA, der);
                    case "EC PRIVATE KEY" -> pkcs8(ecAlgorithm(file, der), der);
                    default ->
                            throw new IOException(
                                    file
                                            + " holds a private key of a kind that is not supported;"
                                            + " HINT: openssl pkcs8 -topk8 -nocrypt");
                };
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm)
                        .generatePrivate(new PKCS8EncodedKeySpec(key));
            } catch (InvalidKeySpecException _) {
                // Of another algorithm.
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("the Java runtime has no " + algorithm, e);
            }
        }
        throw new IOException(file + " holds a private key that cannot be read");
    }

    private static byte[] pkcs8(byte[] algorithm, byte[] key) {
        byte[] version = {2, 1, 0};
        return element(0x30, join(version, algorithm, element(0x04, key)));
    }

    /** The curve is the element [0] of ECPrivateKey (RFC 5915). */
    private static byte[] ecAlgorithm(Path file, byte[] key) throws IOException {
        for (int at = 0; at + 4 < key.length; at++) {
            int length = key[at + 1];
            boolean isCurve =
                    key[at] == (byte) 0xA0
                            && length > 2
                            && at + 2 + length <= key.length
                            && key[at + 2] == 6
                            && key[at + 3] == length - 2;
            if (isCurve) {
                byte[] curve = new byte[length];
                System.arraycopy(key, at + 2, curve, 0, length);
                return element(0x30, join(EC, curve));
            }
        }
        throw new IOException(file + " holds an EC key that does not name its curve");
    }

    private static byte[] element(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 128) {
            out.write(content.length);
        } else if (content.length < 256) {
            out.write(0x81);
            out.write(content.length);
        } else {
            out.write(0x82);
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
