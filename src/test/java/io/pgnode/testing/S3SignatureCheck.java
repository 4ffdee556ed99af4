package io.pgnode.testing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Computes a request's signature anew, from what arrived. */
final class S3SignatureCheck {
    private static final Pattern AUTHORIZATION =
            Pattern.compile(
                    "AWS4-HMAC-SHA256 Credential=(?<key>[^/]+)/(?<date>\\d{8})/(?<region>[^/]+)"
                            + "/(?<service>[^/]+)/aws4_request, ?SignedHeaders=(?<names>[a-z0-9;-]+),"
                            + " ?Signature=(?<signature>[0-9a-f]{64})");
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'");
    private static final Duration SKEW = Duration.ofMinutes(15);

    private final String region;
    private final String accessKey;
    private final String secretKey;
    private final @Nullable String sessionToken;

    S3SignatureCheck(
            String region, String accessKey, String secretKey, @Nullable String sessionToken) {
        this.region = region;
        this.accessKey = accessKey;
        this.secretKey = secretKey;
        this.sessionToken = sessionToken;
    }

    void check(S3Call call) throws S3Refusal {
        String authorization = call.header("authorization");
        if (authorization == null) {
            throw new S3Refusal(403, "AccessDenied", "not signed");
        }
        Matcher parts = AUTHORIZATION.matcher(authorization);
        if (!parts.matches() || !parts.group("service").equals("s3")) {
            throw new S3Refusal(400, "AuthorizationHeaderMalformed", "bad authorization header");
        }
        if (!parts.group("region").equals(region)) {
            throw new S3Refusal(
                    400, "AuthorizationHeaderMalformed", "expecting region '" + region + "'");
        }
        if (!parts.group("key").equals(accessKey)) {
            throw new S3Refusal(403, "InvalidAccessKeyId", "no such access key");
        }
        if (sessionToken != null && !sessionToken.equals(call.header("x-amz-security-token"))) {
            throw new S3Refusal(400, "InvalidToken", "wrong session token");
        }
        checkTime(call, parts.group("date"));
        List<String> names = List.of(parts.group("names").split(";"));
        checkNames(call, names);
        checkBody(call);
        if (!signature(call, names, parts.group("date")).equals(parts.group("signature"))) {
            throw new S3Refusal(403, "SignatureDoesNotMatch", "wrong signature");
        }
    }

    private static void checkTime(S3Call call, String date) throws S3Refusal {
        String stamp = String.valueOf(call.header("x-amz-date"));
        try {
            Instant time = LocalDateTime.parse(stamp, STAMP).toInstant(ZoneOffset.UTC);
            if (Duration.between(time, Instant.now()).abs().compareTo(SKEW) > 0) {
                throw new S3Refusal(403, "RequestTimeTooSkewed", "request time is " + stamp);
            }
        } catch (DateTimeParseException e) {
            throw new S3Refusal(403, "AccessDenied", "bad x-amz-date");
        }
        if (!stamp.startsWith(date)) {
            throw new S3Refusal(400, "AuthorizationHeaderMalformed", "two dates");
        }
    }

    private static void checkNames(S3Call call, List<String> names) throws S3Refusal {
        var sorted = new ArrayList<>(names);
        sorted.sort(null);
        boolean all =
                sorted.equals(names)
                        && names.contains("host")
                        && call.headers().keySet().containsAll(names)
                        && call.headers().keySet().stream()
                                .filter(name -> name.startsWith("x-amz-"))
                                .allMatch(names::contains);
        if (!all) {
            throw new S3Refusal(403, "AccessDenied", "headers that must be signed are not");
        }
    }

    private static void checkBody(S3Call call) throws S3Refusal {
        String said = call.header("x-amz-content-sha256");
        if (said == null) {
            throw new S3Refusal(400, "MissingSecurityHeader", "no x-amz-content-sha256");
        }
        if (!said.equals(sha256(call.body()))) {
            throw new S3Refusal(400, "XAmzContentSHA256Mismatch", "body has another hash");
        }
        String md5 = call.header("content-md5");
        if (md5 != null
                && !Arrays.equals(Base64.getDecoder().decode(md5), digest("MD5", call.body()))) {
            throw new S3Refusal(400, "BadDigest", "body has another MD5");
        }
    }

    private String signature(S3Call call, List<String> names, String date) {
        var query = new ArrayList<String>();
        for (Map.Entry<String, String> one : call.query().entrySet()) {
            query.add(S3Call.escaped(one.getKey(), "") + "=" + S3Call.escaped(one.getValue(), ""));
        }
        query.sort(null);
        var canonical = new StringBuilder(call.method()).append('\n');
        canonical.append(S3Call.escaped("/" + call.path(), "/")).append('\n');
        canonical.append(String.join("&", query)).append('\n');
        for (String name : names) {
            String value = String.valueOf(call.header(name)).strip().replaceAll(" +", " ");
            canonical.append(name).append(':').append(value).append('\n');
        }
        canonical.append('\n').append(String.join(";", names)).append('\n');
        canonical.append(call.header("x-amz-content-sha256"));
        String scope = date + "/" + region + "/s3/aws4_request";
        String toSign =
                "AWS4-HMAC-SHA256\n%s\n%s\n%s"
                        .formatted(
                                call.header("x-amz-date"),
                                scope,
                                sha256(canonical.toString().getBytes(StandardCharsets.UTF_8)));
        byte[] key = ("AWS4" + secretKey).getBytes(StandardCharsets.UTF_8);
        for (String part : List.of(date, region, "s3", "aws4_request", toSign)) {
            key = hmac(key, part);
        }
        return HexFormat.of().formatHex(key);
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest("SHA-256", bytes));
    }

    static byte[] digest(String name, byte[] bytes) {
        try {
            return MessageDigest.getInstance(name).digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
