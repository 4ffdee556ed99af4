package io.pgnode.cli;

import io.pgnode.cluster.Member;
import io.pgnode.cluster.MemberRole;
import io.pgnode.cluster.Tags;
import io.pgnode.model.Lsn;
import io.pgnode.model.MemberName;
import io.pgnode.testing.PgBackRest;
import io.pgnode.testing.RealPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/** The configuration of a node of cluster {@code pg-test} whose repository is pgbackrest's. */
final class BackupNodeFile {
    private BackupNodeFile() {}

    /**
     * @param more lines of the section {@code backup}, with their indent
     */
    static Path write(
            Path directory, int seq, RealPostgres server, PgBackRest.Configured stock, String more)
            throws IOException {
        Path password = directory.resolve("password");
        Files.writeString(password, RealPostgres.SUPERUSER.password() + "\n");
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        return Files.writeString(
                directory.resolve("pgnode-" + seq + ".yml"),
                """
                cluster: pg-test
                seq: %d
                address: 127.0.0.1
                run-dir: %s
                postgresql:
                  data-dir: %s
                  socket-dir: %s
                  port: %d
                  superuser: {username: postgres, password-file: %s}
                backup:
                  stanza: %s
                  lock-path: %s
                  compress: {type: lz4}
                  repositories:
                    1:
                      path: %s
                      bundle: {enabled: false}
                      block: {enabled: false}
                      retention: {full: 1}
                %s"""
                        .formatted(
                                seq,
                                directory.resolve("run-" + seq),
                                server.settings().dataDir(),
                                server.settings().socketDir(),
                                server.settings().port(),
                                password,
                                PgBackRest.STANZA,
                                stock.lockPath(),
                                stock.repository(),
                                more));
    }

    /** What the DCS says of the first member. */
    static Member primary(RealPostgres server) {
        return new Member(
                new MemberName("pg-test-1"),
                server.settings().connectAddress(),
                "http://127.0.0.1:8008/patroni",
                MemberRole.PRIMARY,
                "running",
                "pgnode-0.1",
                Tags.NONE,
                new Lsn(1),
                Lsn.NONE,
                Lsn.NONE,
                1,
                "",
                Map.of(),
                "",
                false,
                1,
                1);
    }
}
