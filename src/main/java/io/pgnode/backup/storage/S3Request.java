package io.pgnode.backup.storage;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is asked of a store.
 *
 * @param key of the object; empty for the bucket
 * @param headers by lower case name
 * @param doing for messages, such as {@code read}
 * @param body its first bytes are sent
 * @param length how many of them
 */
@SuppressWarnings("ArrayRecordComponent")
record S3Request(
        String method,
        String key,
        SortedMap<String, String> query,
        Map<String, String> headers,
        String doing,
        byte[] body,
        int length) {
    private static final byte[] NOTHING = {};

    static S3Request of(String method, String key, String doing) {
        return new S3Request(method, key, new TreeMap<>(), Map.of(), doing, NOTHING, 0);
    }

    S3Request parameter(String name, String value) {
        var more = new TreeMap<>(query);
        more.put(name, value);
        return new S3Request(method, key, more, headers, doing, body, length);
    }

    S3Request header(String name, String value) {
        var more = new TreeMap<>(headers);
        more.put(name, value);
        return new S3Request(method, key, query, more, doing, body, length);
    }

    S3Request body(byte[] newBody, int newLength) {
        return new S3Request(method, key, query, headers, doing, newBody, newLength);
    }
}
