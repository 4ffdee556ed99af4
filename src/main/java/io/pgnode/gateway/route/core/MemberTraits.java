package io.pgnode.gateway.route.core;

import java.util.Locale;
import java.util.Map;

/**
 * What a member's tags mean to services.
 *
 * @param weight 0..256; the share of sessions it gets; zero for none
 * @param offline set aside for reports and the like: not offered to ordinary readers
 * @param offlineQuery serves such clients as well as ordinary readers
 * @param poolerPort where its pooler listens; zero for the port that the service says
 */
public record MemberTraits(
        int weight, boolean offline, boolean offlineQuery, boolean noLoadBalance, int poolerPort) {
    public static final int MAX_WEIGHT = 256;
    public static final int DEFAULT_WEIGHT = 100;
    public static final MemberTraits PLAIN = new MemberTraits(DEFAULT_WEIGHT, false, false, false);
    private static final int MAX_PORT = 65_535;

    /** Whose pooler listens where the service says. */
    public MemberTraits(int weight, boolean offline, boolean offlineQuery, boolean noLoadBalance) {
        this(weight, offline, offlineQuery, noLoadBalance, 0);
    }

    public MemberTraits {
        if (weight < 0 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight must be 0..256, was " + weight);
        }
    }

    /** A weight that is no number of 0..256 counts as 100. */
    public static MemberTraits of(Map<String, String> tags) {
        return new MemberTraits(
                number(tags, "weight", 0, MAX_WEIGHT, DEFAULT_WEIGHT),
                isTrue(tags, "offline") || tags.getOrDefault("role", "").equals("offline"),
                isTrue(tags, "offline_query"),
                isTrue(tags, "noloadbalance"),
                number(tags, "pooler_port", 1, MAX_PORT, 0));
    }

    private static int number(
            Map<String, String> tags, String name, int least, int most, int otherwise) {
        try {
            int number = Integer.parseInt(tags.getOrDefault(name, ""));
            return number < least || number > most ? otherwise : number;
        } catch (NumberFormatException e) {
            return otherwise;
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
