package io.pgnode.postgres.core;

import java.util.ArrayList;
import java.util.List;

/** The pg_hba.conf of a cluster whose configuration has none. */
public final class HbaDefaults {
    private HbaDefaults() {}

    /**
     * Peer authentication on the unix socket where it can work for the superuser, else its
     * password; passwords for everybody over the network.
     *
     * @param osUser who runs PostgreSQL
     * @param superuserHasPassword else the socket is open to whoever reaches its directory
     * @param replicationHasPassword else replication is open to this host only
     */
    public static List<String> lines(
            String osUser,
            String superuser,
            boolean superuserHasPassword,
            String replicationUser,
            boolean replicationHasPassword) {
        List<String> lines = new ArrayList<>();
        String forSuperuser =
                osUser.equals(superuser)
                        ? "peer"
                        : superuserHasPassword ? "scram-sha-256" : "trust";
        lines.add("local all " + quote(superuser) + " " + forSuperuser);
        lines.add("local all all " + (superuserHasPassword ? "scram-sha-256" : "peer"));
        if (replicationHasPassword) {
            lines.add("local replication " + quote(replicationUser) + " scram-sha-256");
            lines.add("host replication " + quote(replicationUser) + " all scram-sha-256");
        } else {
            lines.add("host replication " + quote(replicationUser) + " samehost trust");
        }
        lines.add("host all all all scram-sha-256");
        return lines;
    }

    private static String quote(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
