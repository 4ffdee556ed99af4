package io.pgnode.gateway.route.core;

import java.util.Locale;

/** Which members a service sends its clients to. */
public enum RoleRule {
    /** The primary, as long as its lease lasts. */
    PRIMARY,
    /** Standbys that take part in load balancing and are not set aside as offline. */
    REPLICA,
    /** The primary and the standbys of {@link #REPLICA}. */
    READ_ONLY,
    /** Standbys with the tag {@code role: offline} or {@code offline_query}. */
    OFFLINE;

    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether a member of this kind may serve under this rule; its lag is judged elsewhere. */
    boolean accepts(MemberTraits traits, boolean isPrimary) {
        return switch (this) {
            case PRIMARY -> isPrimary;
            case REPLICA -> !isPrimary && traits.servesReaders();
            case READ_ONLY -> isPrimary || traits.servesReaders();
            case OFFLINE -> !isPrimary && traits.servesOffline();
        };
    }
}
