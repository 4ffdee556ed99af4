package io.pgnode.backup.repo;

import io.pgnode.backup.core.ArchiveInfo;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.DatabaseHistory;
import io.pgnode.backup.core.DatabaseVersion;
import io.pgnode.backup.storage.ObjectInfo;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Creates a stanza's info files, and prepares them for an upgraded cluster. */
public final class StanzaSetup {
    private static final int PASS_BYTES = 48;

    private final Repository repository;
    private final Identity identity;

    /** What was done. */
    public enum Result {
        CREATED,
        ALREADY_THERE,
        UPGRADED
    }

    private StanzaSetup(Repository repository, Identity identity) {
        this.repository = repository;
        this.identity = identity;
    }

    /**
     * Makes the info files where missing.
     *
     * @throws BackupException {@code FILE_INVALID} when the stanza is another cluster's or its
     *     files contradict each other, {@code FILE_MISSING} or {@code PATH_NOT_EMPTY} when one of
     *     them was lost; nothing is written then
     */
    public static Result create(Repository repository, Identity identity) throws BackupException {
        return new StanzaSetup(repository, identity).create();
    }

    private Result create() throws BackupException {
        Optional<ArchiveInfo> archive = repository.archive().readInfo();
        Optional<BackupInfo> backup = repository.backups().readInfo();
        if (archive.isPresent() && backup.isPresent()) {
            check(archive.get(), backup.get());
            return Result.ALREADY_THERE;
        }
        if (backup.isPresent()) {
            throw lost(ArchiveInfo.FILE, BackupInfo.FILE);
        }
        mustBeEmpty(repository.backups().directory(), BackupInfo.FILE);
        DatabaseHistory databases;
        if (archive.isPresent()) {
            // A creation that was killed in its middle; anything more is a loss.
            databases = archive.get().databases();
            boolean isNew = databases.entries().size() == 1;
            if (!isNew || !repository.archive().archiveIds().isEmpty()) {
                throw lost(BackupInfo.FILE, ArchiveInfo.FILE);
            }
            checkIdentity(databases, ArchiveInfo.FILE);
        } else {
            mustBeEmpty(repository.archive().directory(), ArchiveInfo.FILE);
            databases = new DatabaseHistory(1, List.of(database(1)));
            repository.archive().writeInfo(new ArchiveInfo(withoutVersions(databases), newPass()));
        }
        repository
                .backups()
                .writeInfo(
                        new BackupInfo(
                                new DatabaseHistory(1, List.of(database(1))),
                                List.of(),
                                newPass()));
        return Result.CREATED;
    }

    private DatabaseVersion database(int id) {
        return new DatabaseVersion(
                id,
                identity.version(),
                identity.systemId(),
                identity.catalogVersion(),
                identity.controlVersion());
    }

    private static DatabaseHistory withoutVersions(DatabaseHistory databases) {
        return new DatabaseHistory(
                databases.currentId(),
                databases.entries().stream()
                        .map(
                                entry ->
                                        new DatabaseVersion(
                                                entry.id(),
                                                entry.version(),
                                                entry.systemId(),
                                                0,
                                                0))
                        .toList());
    }

    private @Nullable String newPass() {
        return switch (repository.settings().cipher()) {
            case NONE -> null;
            case AES_256_CBC -> randomPass();
        };
    }

    private static String randomPass() {
        byte[] bytes = new byte[PASS_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** A new pass for the next files of the chain of ciphers; null when there is no cipher. */
    public static @Nullable String newPass(Repository repository) {
        return new StanzaSetup(repository, new Identity("0", "0", 0, 0)).newPass();
    }

    private void mustBeEmpty(String directory, String file) throws BackupException {
        List<ObjectInfo> there;
        try {
            there = repository.storage().list(directory);
        } catch (IOException e) {
            throw Failures.of("cannot create the stanza in " + repository.describe(), e);
        }
        if (!there.isEmpty()) {
            throw new BackupException(
                    BackrestExit.PATH_NOT_EMPTY,
                    directory
                            + " in "
                            + repository.describe()
                            + " has files, but no "
                            + file
                            + ": "
                            + there.getFirst().name(),
                    "the file was lost: bring it back from another copy of the repository, or"
                            + " move the stanza's files away");
        }
    }

    private BackupException lost(String lost, String there) {
        return new BackupException(
                BackrestExit.FILE_MISSING,
                "stanza "
                        + repository.stanza()
                        + " in "
                        + repository.describe()
                        + " has a "
                        + there
                        + ", but no "
                        + lost,
                "the file was lost: bring it back from another copy of the repository");
    }

    /**
     * Checks that the stanza is this cluster's.
     *
     * @throws BackupException {@code FILE_INVALID} when it is not, {@code FILE_MISSING} when the
     *     stanza was not created
     */
    public static void check(Repository repository, Identity identity) throws BackupException {
        repository.archive().refresh();
        new StanzaSetup(repository, identity)
                .check(repository.archive().info(), repository.backups().info());
    }

    private void check(ArchiveInfo archive, BackupInfo backup) throws BackupException {
        checkSame(archive, backup);
        checkIdentity(archive.databases(), ArchiveInfo.FILE);
        checkIdentity(backup.databases(), BackupInfo.FILE);
    }

    private void checkSame(ArchiveInfo archive, BackupInfo backup) throws BackupException {
        DatabaseVersion ofWal = archive.databases().current();
        DatabaseVersion ofBackups = backup.databases().current();
        if (ofWal.id() != ofBackups.id() || !ofWal.is(ofBackups.systemId(), ofBackups.version())) {
            throw new BackupException(
                    BackrestExit.FILE_INVALID,
                    "archive.info and backup.info of stanza "
                            + repository.stanza()
                            + " in "
                            + repository.describe()
                            + " are of different clusters: "
                            + text(ofWal)
                            + " and "
                            + text(ofBackups),
                    "upgrade the stanza; it finishes an upgrade that was interrupted");
        }
    }

    private static String text(DatabaseVersion database) {
        return "id "
                + database.id()
                + ", version "
                + database.version()
                + ", system identifier "
                + database.systemId();
    }

    private boolean isOurs(DatabaseHistory databases) {
        return databases.current().is(identity.systemId(), identity.version());
    }

    private void checkIdentity(DatabaseHistory databases, String file) throws BackupException {
        if (!isOurs(databases)) {
            throw new BackupException(
                    BackrestExit.FILE_INVALID,
                    "stanza "
                            + repository.stanza()
                            + " in "
                            + repository.describe()
                            + " is of another cluster: "
                            + file
                            + " has "
                            + text(databases.current())
                            + ", this one has version "
                            + identity.version()
                            + ", system identifier "
                            + identity.systemId(),
                    "use another stanza; after pg_upgrade, pgnode backup stanza-upgrade");
        }
    }

    /**
     * Adds an upgraded cluster, whose WAL and backups come in from now on. The lock and the right
     * to do so are the caller's matter.
     *
     * @throws BackupException {@code FILE_MISSING} when the stanza was not created, {@code
     *     DB_MISMATCH} when the cluster is no upgrade of the stanza's
     */
    public static Result upgrade(Repository repository, Identity identity) throws BackupException {
        return new StanzaSetup(repository, identity).upgrade();
    }

    private Result upgrade() throws BackupException {
        repository.archive().refresh();
        ArchiveInfo archive = repository.archive().info();
        BackupInfo backup = repository.backups().info();
        boolean hasWal = isOurs(archive.databases());
        boolean hasBackups = isOurs(backup.databases());
        if (hasWal && hasBackups) {
            checkSame(archive, backup);
            return Result.ALREADY_THERE;
        }
        int id = hasWal ? archive.databases().currentId() : newId(archive.databases());
        if (id != (hasBackups ? backup.databases().currentId() : newId(backup.databases()))) {
            checkSame(archive, backup);
            throw new BackupException(
                    BackrestExit.FILE_INVALID,
                    "archive.info and backup.info of stanza "
                            + repository.stanza()
                            + " have different histories",
                    null);
        }
        mustBeUpgrade(hasWal ? backup.databases() : archive.databases());
        if (!hasWal) {
            repository
                    .archive()
                    .writeInfo(
                            new ArchiveInfo(
                                    withoutVersions(added(archive.databases())),
                                    archive.cipherPass()));
        }
        if (!hasBackups) {
            repository.backups().writeInfo(backup.with(added(backup.databases())));
        }
        return Result.UPGRADED;
    }

    private static int newId(DatabaseHistory databases) {
        return databases.entries().getLast().id() + 1;
    }

    private DatabaseHistory added(DatabaseHistory databases) {
        return databases.with(
                identity.version(),
                identity.systemId(),
                identity.catalogVersion(),
                identity.controlVersion());
    }

    private void mustBeUpgrade(DatabaseHistory databases) throws BackupException {
        DatabaseVersion before = databases.current();
        if (number(identity.version()) <= number(before.version())
                || identity.systemId().equals(before.systemId())) {
            throw new BackupException(
                    BackrestExit.DB_MISMATCH,
                    "stanza "
                            + repository.stanza()
                            + " in "
                            + repository.describe()
                            + " cannot be upgraded from "
                            + text(before)
                            + " to version "
                            + identity.version()
                            + ", system identifier "
                            + identity.systemId()
                            + ": that is another cluster, not an upgraded one",
                    "use another stanza for it");
        }
    }

    /** 9.6 sorts before 10. */
    private static double number(String version) {
        return Double.parseDouble(version);
    }
}
