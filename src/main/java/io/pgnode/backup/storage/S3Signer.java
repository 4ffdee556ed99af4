package io.pgnode.backup.storage;

import io.pgnode.config.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Signs requests with AWS's Signature Version 4. Safe for use by many threads.
 *
 * <p>Signed is a text of the request: method, path, query, all the headers given here, and the hash
 * of the body; with a key that is derived from the secret one for a day, a region and a service.
 */
final class S3Signer {
    static final String ALGORITHM = "AWS4-HMAC-SHA256";

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final int DATE_LENGTH = "20261121".length();
    private static final String MAC = "HmacSHA256";

    private final String keyId;
    private final Secret secret;
    private final String region;
    private final String service;
    private volatile @Nullable DayKey dayKey;

    /** The signing key of a day. */
    @SuppressWarnings("ArrayRecordComponent")
    private record DayKey(String date, byte[] key) {}

    S3Signer(String keyId, Secret secret, String region, String service) {
        this.keyId = keyId;
        this.secret = secret;
        this.region = region;
        this.service = service;
    }

    /** What {@code x-amz-date} says at a moment. */
    static String stamp(Instant time) {
        return STAMP.format(time);
    }

    /**
     * The value of {@code Authorization}.
     *
     * @param path as it is sent, with its escapes
     * @param query as it is sent: escaped, in the order of its names
     * @param headers by lower case name, all that are signed, among them {@code host} and {@code
     *     x-amz-date}
     * @param payloadHash SHA-256 of the body in hexadecimal digits
     */
    String authorization(
            String method,
            String path,
            String query,
            SortedMap<String, String> headers,
            String payloadHash) {
        var text = new StringBuilder();
        text.append(method).append('\n').append(path).append('\n').append(query).append('\n');
        for (Map.Entry<String, String> header : headers.entrySet()) {
            text.append(header.getKey()).append(':').append(trimmed(header.getValue()));
            text.append('\n');
        }
        String names = String.join(";", headers.keySet());
        text.append('\n').append(names).append('\n').append(payloadHash);

        String stamp = headers.getOrDefault("x-amz-date", "");
        String date = stamp.substring(0, DATE_LENGTH);
        String scope = date + "/" + region + "/" + service + "/aws4_request";
        String toSign =
                String.join(
                        "\n",
                        ALGORITHM,
                        stamp,
                        scope,
                        Digests.hex(Digests.sha256(utf8(text.toString()))));
        String signature = HexFormat.of().formatHex(hmac(keyOf(date), toSign));
        return "%s Credential=%s/%s,SignedHeaders=%s,Signature=%s"
                .formatted(ALGORITHM, keyId, scope, names, signature);
    }

    /** Without space around it, and with one blank for many. */
    private static String trimmed(String value) {
        return value.strip().replaceAll(" +", " ");
    }

    private byte[] keyOf(String date) {
        DayKey known = dayKey;
        if (known != null && known.date.equals(date)) {
            return known.key;
        }
        byte[] key = hmac(utf8("AWS4" + secret.reveal()), date);
        for (String part : new String[] {region, service, "aws4_request"}) {
            key = hmac(key, part);
        }
        dayKey = new DayKey(date, key);
        return key;
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(key, MAC));
            return mac.doFinal(utf8(text));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no " + MAC, e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
