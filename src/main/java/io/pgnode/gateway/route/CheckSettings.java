package io.pgnode.gateway.route;

import io.pgnode.gateway.route.core.CheckTimes;

/**
 * How a static list of members is checked.
 *
 * @param method {@code OPTIONS}, {@code GET} or {@code HEAD}
 * @param isTls the REST APIs speak TLS; their certificates are not verified, as in HAProxy's {@code
 *     check-ssl verify none}: an answer carries nothing secret, and whoever can forge it can as
 *     well drop it
 */
public record CheckSettings(CheckTimes times, String method, boolean isTls) {
    public static final CheckSettings DEFAULT =
            new CheckSettings(CheckTimes.DEFAULT, "OPTIONS", false);
}
