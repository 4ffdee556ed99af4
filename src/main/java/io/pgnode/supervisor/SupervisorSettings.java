package io.pgnode.supervisor;

import java.nio.file.Path;
import java.util.List;

/**
 * What a supervisor needs to know.
 *
 * @param runDir created with mode 0700 when missing
 * @param command how the program starts itself
 * @param children in the order in which they are started and stopped; the agent first: it stops
 *     PostgreSQL while the archiver still archives
 * @param onReload run at SIGHUP, before the children are told
 */
public record SupervisorSettings(
        Path runDir, ChildCommand command, List<ChildSpec> children, Runnable onReload) {
    public SupervisorSettings {
        children = List.copyOf(children);
        if (children.isEmpty() || !children.getFirst().isAgent()) {
            throw new IllegalArgumentException("the agent must be the first child");
        }
    }
}
