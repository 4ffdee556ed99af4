package io.pgnode.cli.demo;

import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.ProcessTree;
import io.pgnode.os.RunLock;
import io.pgnode.os.Signal;
import io.pgnode.os.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The processes of a node, found by the files that name them. */
public final class NodeProcesses {
    private final DemoNode node;

    public NodeProcesses(DemoNode node) {
        this.node = node;
    }

    public Optional<ProcessIdentity> supervisor() {
        return RunLock.holder(node.runFiles().supervisorLock());
    }

    public Optional<ProcessIdentity> agent() {
        return RunLock.holder(node.runFiles().agentLock());
    }

    public Optional<ProcessIdentity> gateway() {
        return RunLock.holder(node.runFiles().gatewayLock());
    }

    /** The process that postmaster.pid names, while it runs. */
    public Optional<ProcessIdentity> postmaster() {
        Path file = node.dataDirectory().resolve("postmaster.pid");
        try (var lines = Files.lines(file)) {
            return lines.findFirst()
                    .map(String::strip)
                    .filter(pid -> pid.matches("[0-9]{1,10}"))
                    .flatMap(pid -> ProcessIdentity.of(Long.parseLong(pid)))
                    .filter(ProcessIdentity::isAlive);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** SIGKILL to the postmaster alone; its children notice by themselves. */
    public void killPostmaster() throws IOException {
        Signals.send(
                postmaster().orElseThrow(() -> new IOException(node.name() + " has no postmaster")),
                Signal.KILL);
    }

    /**
     * What a loss of power does: to the node's own processes, and to PostgreSQL with all of its.
     */
    public void killAll() throws IOException {
        List<ProcessIdentity> victims = new ArrayList<>();
        supervisor().ifPresent(victims::add);
        agent().ifPresent(victims::add);
        gateway().ifPresent(victims::add);
        Optional<ProcessIdentity> postmaster = postmaster();
        postmaster.ifPresent(victims::add);
        postmaster.ifPresent(p -> victims.addAll(ProcessTree.descendants(p.pid())));
        for (ProcessIdentity victim : victims) {
            Signals.send(victim, Signal.KILL);
        }
    }
}
