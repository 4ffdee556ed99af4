package io.pgnode.cli;

import java.util.List;

/** The order and headings in which {@code pgnode --help} shows the commands. */
record CommandGroups(List<Group> groups) {
    record Group(String heading, List<String> commands) {
        Group {
            commands = List.copyOf(commands);
        }
    }

    static final CommandGroups ALL =
            new CommandGroups(
                    List.of(
                            new Group(
                                    "Look at a cluster",
                                    List.of("list", "topology", "history", "show-config")),
                            new Group(
                                    "Change a cluster",
                                    List.of(
                                            "switchover",
                                            "failover",
                                            "pitr",
                                            "restart",
                                            "reload",
                                            "reinit",
                                            "pause",
                                            "resume",
                                            "flush",
                                            "edit-config",
                                            "hold",
                                            "release",
                                            "remove")),
                            new Group("Back up and restore", List.of("backup", "restore")),
                            new Group(
                                    "Run a node",
                                    List.of(
                                            "run",
                                            "agent",
                                            "gateway",
                                            "pooler",
                                            "archiver",
                                            "dcs",
                                            "config",
                                            "demo")),
                            new Group("Help", List.of("version", "completion"))));
}
