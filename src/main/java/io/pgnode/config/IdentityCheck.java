package io.pgnode.config;

import io.pgnode.model.MemberName;

/** Who the node is, and where it keeps its sockets. */
final class IdentityCheck {
    /** Longest path of a unix socket on Linux, without the final zero byte. */
    private static final int MAX_SOCKET_PATH = 107;

    /** The longest name of a socket in run-dir. */
    private static final String LONGEST_SOCKET = "/gateway.sock";

    private IdentityCheck() {}

    static void run(PgnodeConfig config, Findings findings) {
        names(config, findings);
        address(config, findings);
        String namespace = config.namespace();
        if (!namespace.matches("/([A-Za-z0-9._-]+/)+")) {
            findings.add(
                    "namespace",
                    "namespace is \""
                            + namespace
                            + "\", must be words of [A-Za-z0-9._-] between slashes",
                    "start and end it with a slash, such as /service/ or /pg/");
        }
        if (FileCheck.absolute("run-dir", config.runDir(), findings)
                && config.runDir().toString().length() + LONGEST_SOCKET.length()
                        > MAX_SOCKET_PATH) {
            findings.add(
                    "run-dir",
                    "run-dir is too long for unix sockets, must be at most "
                            + (MAX_SOCKET_PATH - LONGEST_SOCKET.length())
                            + " characters",
                    "");
        }
    }

    private static void names(PgnodeConfig config, Findings findings) {
        if (config.cluster().isEmpty()) {
            findings.add(
                    "cluster",
                    "cluster is missing",
                    "name the cluster, such as cluster: pg-test; all its members have the same");
        } else if (!config.cluster().get().matches("[a-zA-Z0-9-]+")) {
            findings.add(
                    "cluster",
                    "cluster is \"" + config.cluster().get() + "\", must be of [a-zA-Z0-9-]",
                    "");
        }
        if (config.seq().isPresent() && config.seq().getAsInt() < 0) {
            findings.add("seq", "seq is " + config.seq().getAsInt() + ", must be zero or more", "");
        }
        if (config.name().isPresent()) {
            memberName("name", config.name().get(), findings);
        } else if (config.seq().isEmpty()) {
            findings.add(
                    "seq",
                    "seq is missing",
                    "number the members of the cluster, such as seq: 1; or give name");
        } else if (!findings.isBroken("cluster") && !findings.isBroken("seq")) {
            memberName(
                    "cluster",
                    config.cluster().orElse("") + "-" + config.seq().getAsInt(),
                    findings);
        }
    }

    private static void memberName(String key, String name, Findings findings) {
        if (!MemberName.isValid(name)) {
            findings.add(
                    key,
                    "the member's name is \""
                            + name
                            + "\", must be 1.."
                            + MemberName.MAX_LENGTH
                            + " characters of [a-zA-Z0-9._-]",
                    "");
        }
    }

    private static void address(PgnodeConfig config, Findings findings) {
        String address = config.address().orElse("");
        if (address.isEmpty()) {
            findings.add(
                    "address",
                    "address is missing",
                    "give the address under which the other hosts reach this one");
        } else if (isWildcard(address)) {
            findings.add(
                    "address",
                    "address is " + address + ", which other hosts cannot connect to",
                    "give the address under which the other hosts reach this one");
        } else if (!address.matches("[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(%[A-Za-z0-9]+)?")) {
            findings.add(
                    "address",
                    "address is \"" + address + "\", must be a host name or address without port",
                    "ports stand in postgresql.port and rest.port");
        }
    }

    static boolean isWildcard(String address) {
        return address.equals("0.0.0.0") || address.equals("::") || address.equals("*");
    }
}
