package io.pgnode.gateway.route;

import io.pgnode.gateway.route.core.Changes;
import java.util.List;
import org.jboss.logging.Logger;

/** Says which members of a service came and went, in one way for services of all modes. */
public final class StatusLog {
    private static final String CHANGED =
            "service member changed: service=%s member=%s before=%s after=%s reason=%s";

    private StatusLog() {}

    /**
     * @param log of the service's mode
     */
    public static void tell(Logger log, String service, List<Changes.StatusChange> events) {
        for (Changes.StatusChange event : events) {
            log.infof(CHANGED, service, event.server(), event.before(), event.after(), event.why());
        }
    }
}
