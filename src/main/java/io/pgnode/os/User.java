package io.pgnode.os;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * An account of this host.
 *
 * @param gid its primary group
 */
public record User(String name, int uid, int gid, Path home) {
    private static final Duration LOOKUP_DEADLINE = Duration.ofSeconds(10);

    /**
     * Looks an account up wherever the host looks (files, LDAP, …), by getent(1).
     *
     * @return empty when there is no such account
     * @throws IOException when the lookup itself fails
     */
    public static Optional<User> lookup(String name) throws IOException, InterruptedException {
        CommandResult result =
                Command.of("getent", "passwd", "--", name).deadline(LOOKUP_DEADLINE).run();
        int notFound = 2;
        if (result.exitCode() == notFound) {
            return Optional.empty();
        }
        if (!result.isSuccess()) {
            throw new IOException("cannot look up user " + name + ": " + result.explain());
        }
        return Optional.of(parse(result.out().strip()));
    }

    /** A line of passwd(5). */
    static User parse(String line) throws IOException {
        String[] fields = line.split(":", -1);
        if (fields.length < 6) {
            throw new IOException("not an account: " + line);
        }
        return new User(
                fields[0],
                Integer.parseInt(fields[2]),
                Integer.parseInt(fields[3]),
                Path.of(fields[5]));
    }
}
