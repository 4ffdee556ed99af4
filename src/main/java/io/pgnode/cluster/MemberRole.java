package io.pgnode.cluster;

/** What a member's PostgreSQL is, as the member itself last reported it. */
public enum MemberRole {
    PRIMARY("primary"),
    REPLICA("replica"),
    STANDBY_LEADER("standby_leader"),
    UNINITIALIZED("uninitialized"),
    DEMOTED("demoted");

    private final String text;

    MemberRole(String text) {
        this.text = text;
    }

    /** The spelling in the member key and in REST answers. */
    public String text() {
        return text;
    }

    /** Accepts the older spelling {@code master}; anything unknown counts as a replica. */
    public static MemberRole parse(String text) {
        for (MemberRole role : values()) {
            if (role.text.equals(text)) {
                return role;
            }
        }
        return text.equals("master") || text.equals("promoted") ? PRIMARY : REPLICA;
    }
}
