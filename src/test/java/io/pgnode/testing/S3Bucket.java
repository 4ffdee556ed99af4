package io.pgnode.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** A bucket in memory, with the rules of S3. */
final class S3Bucket {
    private static final int LEAST_PART = 5 * 1024 * 1024;
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");
    private static final String NAMESPACE = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

    private final String name;
    private final TreeMap<String, Stored> objects = new TreeMap<>(S3Bucket::byUtf8);
    private final Map<String, Upload> uploads = new TreeMap<>();
    private int pageSize = 1000;
    private boolean batches = true;
    private boolean conditions = true;

    /** An object. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Stored(byte[] content, String tag, Instant modified) {}

    /** An object that is being written in parts. */
    private record Upload(String key, Instant begun, TreeMap<Integer, Stored> parts) {}

    S3Bucket(String name) {
        this.name = name;
    }

    /** Lists at most so many in an answer. */
    synchronized void pageSize(int most) {
        pageSize = most;
    }

    synchronized void knowsBatches(boolean know) {
        batches = know;
    }

    /** Whether If-None-Match means anything. */
    synchronized void knowsConditions(boolean know) {
        conditions = know;
    }

    synchronized List<String> keys() {
        return List.copyOf(objects.keySet());
    }

    synchronized byte @Nullable [] content(String key) {
        Stored stored = objects.get(key);
        return stored == null ? null : stored.content.clone();
    }

    synchronized void put(String key, byte[] content) {
        objects.put(key, stored(content));
    }

    synchronized int uploads() {
        return uploads.size();
    }

    synchronized S3Reply answer(S3Call call) throws S3Refusal {
        return call.key().isEmpty() ? ofBucket(call) : ofObject(call);
    }

    private S3Reply ofBucket(S3Call call) throws S3Refusal {
        return switch (call.method()) {
            case "GET" -> {
                if (call.asks("uploads")) {
                    yield listUploads(call);
                }
                if (!call.parameter("list-type", "").equals("2")) {
                    throw new S3Refusal(501, "NotImplemented", "only list-type 2");
                }
                yield list(call);
            }
            case "HEAD" -> S3Reply.empty(200);
            case "POST" -> {
                if (!call.asks("delete") || !batches) {
                    throw new S3Refusal(501, "NotImplemented", "no batches here");
                }
                yield deleteAll(call);
            }
            default -> throw new S3Refusal(405, "MethodNotAllowed", "not for buckets");
        };
    }

    private S3Reply ofObject(S3Call call) throws S3Refusal {
        if (call.key().getBytes(StandardCharsets.UTF_8).length > 1024) {
            throw new S3Refusal(400, "KeyTooLongError", "more than 1024 bytes");
        }
        return switch (call.method()) {
            case "GET", "HEAD" -> get(call);
            case "PUT" -> call.asks("uploadId") ? putPart(call) : putObject(call);
            case "POST" -> call.asks("uploads") ? begin(call) : complete(call);
            case "DELETE" -> {
                if (call.asks("uploadId")) {
                    upload(call);
                    uploads.remove(call.parameter("uploadId", ""));
                } else {
                    objects.remove(call.key());
                }
                yield S3Reply.empty(204);
            }
            default -> throw new S3Refusal(405, "MethodNotAllowed", "not for objects");
        };
    }

    private S3Reply get(S3Call call) throws S3Refusal {
        Stored stored = objects.get(call.key());
        if (stored == null) {
            throw new S3Refusal(404, "NoSuchKey", "The specified key does not exist.");
        }
        String match = call.header("if-match");
        if (match != null && !match.equals(stored.tag)) {
            throw new S3Refusal(412, "PreconditionFailed", "If-Match");
        }
        var headers = new TreeMap<String, String>();
        headers.put("ETag", stored.tag);
        headers.put("Accept-Ranges", "bytes");
        headers.put("Content-Type", "application/octet-stream");
        headers.put(
                "Last-Modified",
                DateTimeFormatter.RFC_1123_DATE_TIME.format(
                        stored.modified.atOffset(ZoneOffset.UTC)));
        String range = call.header("range");
        if (range == null) {
            return new S3Reply(200, headers, stored.content);
        }
        Matcher bounds = RANGE.matcher(range);
        if (!bounds.matches()) {
            throw new S3Refusal(400, "InvalidArgument", "bad range");
        }
        int size = stored.content.length;
        long from = Long.parseLong(bounds.group(1));
        long last =
                bounds.group(2).isEmpty()
                        ? size - 1L
                        : Math.min(size - 1L, Long.parseLong(bounds.group(2)));
        if (from >= size || last < from) {
            throw new S3Refusal(416, "InvalidRange", "The requested range is not satisfiable");
        }
        headers.put("Content-Range", "bytes " + from + "-" + last + "/" + size);
        return new S3Reply(
                206, headers, Arrays.copyOfRange(stored.content, (int) from, (int) last + 1));
    }

    private S3Reply putObject(S3Call call) throws S3Refusal {
        String none = call.header("if-none-match");
        if (none != null && conditions) {
            if (!none.equals("*")) {
                throw new S3Refusal(501, "NotImplemented", "If-None-Match takes * only");
            }
            if (objects.containsKey(call.key())) {
                throw new S3Refusal(412, "PreconditionFailed", "If-None-Match");
            }
        }
        Stored stored = stored(call.body());
        objects.put(call.key(), stored);
        return new S3Reply(200, Map.of("ETag", stored.tag), new byte[0]);
    }

    private S3Reply begin(S3Call call) {
        String id = UUID.randomUUID() + "/+=";
        uploads.put(id, new Upload(call.key(), Instant.now(), new TreeMap<>()));
        return S3Reply.xml(
                200,
                "<InitiateMultipartUploadResult%s><Bucket>%s</Bucket><Key>%s</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>"
                        .formatted(NAMESPACE, name, S3Call.xml(call.key()), id));
    }

    private Upload upload(S3Call call) throws S3Refusal {
        Upload upload = uploads.get(call.parameter("uploadId", ""));
        if (upload == null || !upload.key.equals(call.key())) {
            throw new S3Refusal(404, "NoSuchUpload", "no such upload");
        }
        return upload;
    }

    private S3Reply putPart(S3Call call) throws S3Refusal {
        int number = Integer.parseInt(call.parameter("partNumber", "0"));
        if (number < 1 || number > 10_000) {
            throw new S3Refusal(400, "InvalidArgument", "part number must be 1 to 10000");
        }
        Stored part = stored(call.body());
        upload(call).parts.put(number, part);
        return new S3Reply(200, Map.of("ETag", part.tag), new byte[0]);
    }

    private S3Reply complete(S3Call call) throws S3Refusal {
        Upload upload = upload(call);
        var content = new ByteArrayOutputStream();
        var digests = new ByteArrayOutputStream();
        NodeList parts = parse(call.body()).getElementsByTagName("Part");
        int last = 0;
        for (int i = 0; i < parts.getLength(); i++) {
            Element said = (Element) parts.item(i);
            int number = Integer.parseInt(text(said, "PartNumber"));
            Stored part = upload.parts.get(number);
            if (number <= last) {
                throw new S3Refusal(400, "InvalidPartOrder", "parts are not in order");
            }
            if (part == null || !unquoted(part.tag).equals(unquoted(text(said, "ETag")))) {
                throw new S3Refusal(400, "InvalidPart", "part " + number);
            }
            if (i < parts.getLength() - 1 && part.content.length < LEAST_PART) {
                throw new S3Refusal(400, "EntityTooSmall", "part " + number);
            }
            last = number;
            content.writeBytes(part.content);
            digests.writeBytes(HexFormat.of().parseHex(unquoted(part.tag)));
        }
        if (last == 0) {
            throw new S3Refusal(400, "MalformedXML", "no parts");
        }
        String tag =
                "\""
                        + HexFormat.of()
                                .formatHex(S3SignatureCheck.digest("MD5", digests.toByteArray()))
                        + "-"
                        + parts.getLength()
                        + "\"";
        objects.put(call.key(), new Stored(content.toByteArray(), tag, Instant.now()));
        uploads.remove(call.parameter("uploadId", ""));
        return S3Reply.xml(
                200,
                "<CompleteMultipartUploadResult%s><Bucket>%s</Bucket><Key>%s</Key><ETag>%s</ETag></CompleteMultipartUploadResult>"
                        .formatted(NAMESPACE, name, S3Call.xml(call.key()), S3Call.xml(tag)));
    }

    private S3Reply deleteAll(S3Call call) throws S3Refusal {
        if (call.header("content-md5") == null) {
            throw new S3Refusal(400, "InvalidRequest", "Content-MD5 is missing");
        }
        NodeList keys = parse(call.body()).getElementsByTagName("Key");
        if (keys.getLength() > 1000) {
            throw new S3Refusal(400, "MalformedXML", "more than 1000 keys");
        }
        for (int i = 0; i < keys.getLength(); i++) {
            objects.remove(keys.item(i).getTextContent());
        }
        return S3Reply.xml(200, "<DeleteResult" + NAMESPACE + "/>");
    }

    private S3Reply list(S3Call call) throws S3Refusal {
        String prefix = call.parameter("prefix", "");
        String delimiter = call.parameter("delimiter", "");
        boolean url = call.parameter("encoding-type", "").equals("url");
        int most = Math.min(pageSize, Integer.parseInt(call.parameter("max-keys", "1000")));
        String after = after(call);
        var text = new StringBuilder();
        int count = 0;
        String next = null;
        String last = "";
        String lastPrefix = null;
        for (Map.Entry<String, Stored> one : objects.tailMap(prefix).entrySet()) {
            String key = one.getKey();
            if (!key.startsWith(prefix)) {
                break;
            }
            int end = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
            String shown = end < 0 ? key : key.substring(0, end + delimiter.length());
            boolean isPrefix = end >= 0;
            if (byUtf8(shown, after) <= 0 || isPrefix && shown.equals(lastPrefix)) {
                continue;
            }
            if (count == most) {
                next = base64(last);
                break;
            }
            count++;
            lastPrefix = isPrefix ? shown : lastPrefix;
            text.append(isPrefix ? prefix(shown, url) : contents(key, one.getValue(), url));
            last = shown;
        }
        String token =
                next == null ? "" : "<NextContinuationToken>" + next + "</NextContinuationToken>";
        return S3Reply.xml(
                200,
                "<ListBucketResult%s><Name>%s</Name><KeyCount>%d</KeyCount>%s<IsTruncated>%s</IsTruncated>%s%s</ListBucketResult>"
                        .formatted(
                                NAMESPACE,
                                name,
                                count,
                                url ? "<EncodingType>url</EncodingType>" : "",
                                next != null,
                                token,
                                text));
    }

    private static String after(S3Call call) throws S3Refusal {
        String token = call.parameter("continuation-token", "");
        try {
            return token.isEmpty()
                    ? call.parameter("start-after", "")
                    : new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new S3Refusal(400, "InvalidArgument", "bad continuation token");
        }
    }

    private static String base64(String key) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(key.getBytes(StandardCharsets.UTF_8));
    }

    private static String prefix(String shown, boolean url) {
        return "<CommonPrefixes><Prefix>" + shown(shown, url) + "</Prefix></CommonPrefixes>";
    }

    private static String contents(String key, Stored object, boolean url) {
        return "<Contents><Key>%s</Key><LastModified>%s</LastModified><ETag>%s</ETag><Size>%d</Size><StorageClass>STANDARD</StorageClass></Contents>"
                .formatted(
                        shown(key, url),
                        DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'")
                                .withZone(ZoneOffset.UTC)
                                .format(object.modified),
                        S3Call.xml(object.tag),
                        object.content.length);
    }

    /** AWS writes a blank as a plus. */
    private static String shown(String key, boolean url) {
        return url ? S3Call.escaped(key, "/").replace("%20", "+") : S3Call.xml(key);
    }

    private S3Reply listUploads(S3Call call) {
        String prefix = call.parameter("prefix", "");
        var text = new StringBuilder();
        uploads.forEach(
                (id, upload) -> {
                    if (upload.key.startsWith(prefix)) {
                        text.append(
                                "<Upload><Key>%s</Key><UploadId>%s</UploadId><Initiated>%s</Initiated></Upload>"
                                        .formatted(S3Call.xml(upload.key), id, upload.begun));
                    }
                });
        return S3Reply.xml(
                200,
                "<ListMultipartUploadsResult%s><IsTruncated>false</IsTruncated>%s</ListMultipartUploadsResult>"
                        .formatted(NAMESPACE, text));
    }

    private static Document parse(byte[] body) throws S3Refusal {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new ByteArrayInputStream(body));
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw new S3Refusal(400, "MalformedXML", String.valueOf(e.getMessage()));
        }
    }

    private static String text(Element element, String name) {
        return Objects.requireNonNull(element.getElementsByTagName(name).item(0)).getTextContent();
    }

    private static String unquoted(String tag) {
        return tag.replace("\"", "");
    }

    private static Stored stored(byte[] content) {
        String tag = HexFormat.of().formatHex(S3SignatureCheck.digest("MD5", content));
        return new Stored(content, "\"" + tag + "\"", Instant.now());
    }

    /** As S3 sorts. */
    private static int byUtf8(String one, String other) {
        return Arrays.compareUnsigned(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
