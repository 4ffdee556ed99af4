package io.pgnode.gateway.route.core;

import java.util.Locale;
import java.util.Map;

/**
 * What a member's tags mean to services.
 *
 * @param weight 0..256; the share of sessions it gets; zero for none
 * @param offline set aside for reports and the like: not offered to ordinary readers
 * @param offlineQuery serves such clients as well as ordinary readers
 */
public record MemberTraits(
        int weight, boolean offline, boolean offlineQuery, boolean noLoadBalance) {
    public static final int MAX_WEIGHT = 256;
    public static final int DEFAULT_WEIGHT = 100;
    public static final MemberTraits PLAIN = new MemberTraits(DEFAULT_WEIGHT, false, false, false);

    public MemberTraits {
        if (weight < 0 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight must be 0..256, was " + weight);
        }
    }

    /** A weight that is no number of 0..256 counts as 100. */
    public static MemberTraits of(Map<String, String> tags) {
        return new MemberTraits(
                weight(tags.getOrDefault("weight", "")),
                isTrue(tags, "offline") || tags.getOrDefault("role", "").equals("offline"),
                isTrue(tags, "offline_query"),
                isTrue(tags, "noloadbalance"));
    }

    private static int weight(String text) {
        try {
            int weight = Integer.parseInt(text);
            return weight < 0 || weight > MAX_WEIGHT ? DEFAULT_WEIGHT : weight;
        } catch (NumberFormatException e) {
            return DEFAULT_WEIGHT;
        }
    }

    private static boolean isTrue(Map<String, String> tags, String name) {
        String value = tags.getOrDefault(name, "").toLowerCase(Locale.ROOT);
        return value.equals("true")
                || value.equals("on")
                || value.equals("yes")
                || value.equals("1");
    }

    public boolean servesReaders() {
        return !offline && !noLoadBalance;
    }

    public boolean servesOffline() {
        return offline || offlineQuery;
    }
}
