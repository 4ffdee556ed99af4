package io.pgnode.gateway.pooler.hba;

/**
 * A rule of pg_hba.conf.
 *
 * @param where file and line
 * @param addresses ignored by local lines
 * @param map name of the user name map; empty for none
 */
public record HbaLine(
        String where,
        Kind kind,
        NameList databases,
        NameList users,
        AddressRange addresses,
        HbaMethod method,
        String map) {
    /** Which connections a line is about. */
    public enum Kind {
        LOCAL,
        HOST,
        HOST_TLS,
        HOST_PLAIN
    }

    public boolean fits(Login login) {
        return fitsConnection(login)
                && (login.isReplication()
                        ? databases.hasReplication()
                        : databases.contains(login.database(), login.user()))
                && users.contains(login.user(), login.user());
    }

    private boolean fitsConnection(Login login) {
        boolean isInside = login.from() != null && addresses.contains(login.from());
        return switch (kind) {
            case LOCAL -> login.isLocal();
            case HOST -> isInside;
            case HOST_TLS -> isInside && login.isTls();
            case HOST_PLAIN -> isInside && !login.isTls();
        };
    }
}
