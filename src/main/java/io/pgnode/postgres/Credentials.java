package io.pgnode.postgres;

/**
 * A database role and its password.
 *
 * @param password empty when the role authenticates otherwise; never printed
 */
public record Credentials(String user, String password) {
    public Credentials {
        if (user.isEmpty()) {
            throw new IllegalArgumentException("database user must not be empty");
        }
    }

    public boolean hasPassword() {
        return !password.isEmpty();
    }

    /** The password of {@code newer}, unless that is another role: a role needs a restart. */
    Credentials reloaded(Credentials newer) {
        return user.equals(newer.user) ? newer : this;
    }

    @Override
    public String toString() {
        return hasPassword() ? user + ":***" : user;
    }
}
