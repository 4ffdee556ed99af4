package io.pgnode.backup.repo;

import io.pgnode.backup.codec.Compression;
import io.pgnode.backup.core.ArchiveInfo;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.DatabaseVersion;
import io.pgnode.backup.core.WalFile;
import io.pgnode.backup.core.WalSegment;
import io.pgnode.backup.storage.ObjectInfo;
import io.pgnode.config.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A stanza's WAL. Safe for use by many threads. */
public final class Archive {
    private static final Pattern ARCHIVE_ID = Pattern.compile("[0-9]+(\\.[0-9]+)?-[0-9]+");
    private static final Pattern DIRECTORY = Pattern.compile("[0-9A-F]{16}");

    private final Repository repository;
    private final String root;
    private final KeptBytes.Pool kept = new KeptBytes.Pool();
    private volatile @Nullable ArchiveInfo known;

    Archive(Repository repository) {
        this.repository = repository;
        this.root = "archive/" + repository.stanza();
    }

    /** Memory of files on their way. */
    KeptBytes.Pool kept() {
        return kept;
    }

    /** Where it is in the storage: {@code archive/main}. */
    public String directory() {
        return root;
    }

    /**
     * The info file; read once, again after {@link #refresh}.
     *
     * @throws BackupException {@code FILE_MISSING} when the stanza was not created
     */
    public ArchiveInfo info() throws BackupException {
        ArchiveInfo info = known;
        if (info == null) {
            info = readInfo().orElseThrow(() -> missing());
            known = info;
        }
        return info;
    }

    /** The info file as it is now; empty when there is none. */
    Optional<ArchiveInfo> readInfo() throws BackupException {
        try {
            return repository
                    .files()
                    .readInfo(infoPath(), repository.settings().pass(), ArchiveInfo::parse);
        } catch (IOException e) {
            throw Failures.of("cannot read the archive of " + repository.describe(), e);
        }
    }

    void writeInfo(ArchiveInfo info) throws BackupException {
        try {
            repository.files().putInfo(infoPath(), info.render(), repository.settings().pass());
        } catch (IOException e) {
            throw Failures.of("cannot write the archive of " + repository.describe(), e);
        }
        known = info;
    }

    private String infoPath() {
        return root + "/" + ArchiveInfo.FILE;
    }

    private BackupException missing() {
        return new BackupException(
                BackrestExit.FILE_MISSING,
                "stanza "
                        + repository.stanza()
                        + " does not exist in "
                        + repository.describe()
                        + ": it has no "
                        + ArchiveInfo.FILE,
                "create the stanza, and see that the repository's path and stanza are right");
    }

    /** Forgets what was read of the info file. */
    public void refresh() {
        known = null;
    }

    /** Where WAL is pushed: {@code 15-1}. */
    public String archiveId() throws BackupException {
        return info().databases().archiveId();
    }

    /** What WAL is encrypted with; null for none. */
    public @Nullable Secret pass() throws BackupException {
        String pass = info().cipherPass();
        return pass == null ? null : new Secret(pass);
    }

    /**
     * A file of the current cluster.
     *
     * @throws BackupException {@code ARCHIVE_DUPLICATE} when there is more than one by the name
     */
    public Optional<StoredWal> find(WalFile file) throws BackupException {
        for (String archiveId : archiveIdsOfCluster()) {
            Optional<StoredWal> found = find(archiveId, file);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** The current one first; a cluster has more when its stanza was upgraded and downgraded. */
    private List<String> archiveIdsOfCluster() throws BackupException {
        DatabaseVersion current = info().databases().current();
        return info().databases().entries().stream()
                .filter(entry -> entry.is(current.systemId(), current.version()))
                .sorted(Comparator.comparingInt(DatabaseVersion::id).reversed())
                .map(DatabaseVersion::archiveId)
                .toList();
    }

    /** As {@link #find(WalFile)}, in the WAL of one of the stanza's clusters. */
    public Optional<StoredWal> find(String archiveId, WalFile file) throws BackupException {
        List<StoredWal> found = named(archiveId, file);
        if (found.size() > 1) {
            throw new BackupException(
                    BackrestExit.ARCHIVE_DUPLICATE,
                    file.name()
                            + " is more than once in "
                            + repository.describe()
                            + ": "
                            + found.get(0).path()
                            + " and "
                            + found.get(1).path(),
                    "two servers have archived to this stanza; find out which file is of the"
                            + " timeline in use, and move the other away");
        }
        return found.stream().findFirst();
    }

    private List<StoredWal> named(String archiveId, WalFile file) throws BackupException {
        String path = root + "/" + archiveId + "/" + file.path();
        if (file.isPlain()) {
            return info(path)
                    .map(info -> new StoredWal(file, path, null, CompressType.NONE, info.size()))
                    .stream()
                    .toList();
        }
        String directory = path.substring(0, path.lastIndexOf('/'));
        List<StoredWal> found = new ArrayList<>();
        for (ObjectInfo info : list(directory, file.name() + "-")) {
            if (info.isFile()) {
                StoredNames.parse(directory, info)
                        .filter(stored -> stored.file().equals(file))
                        .ifPresent(found::add);
            }
        }
        return found;
    }

    private Optional<ObjectInfo> info(String path) throws BackupException {
        try {
            return repository.storage().info(path).filter(ObjectInfo::isFile);
        } catch (IOException e) {
            throw Failures.of("cannot look for WAL in " + repository.describe(), e);
        }
    }

    private List<ObjectInfo> list(String directory) throws BackupException {
        return list(directory, "");
    }

    private List<ObjectInfo> list(String directory, String prefix) throws BackupException {
        try {
            return repository.storage().list(directory, prefix);
        } catch (IOException e) {
            throw Failures.of("cannot list WAL in " + repository.describe(), e);
        }
    }

    /**
     * Stores a file, durably; a segment's header must say that it is of the current cluster.
     *
     * @throws DuplicateWalException when the archive has another content by that name
     * @throws BackupException {@code ARCHIVE_MISMATCH} when it is another cluster's
     */
    public PushResult push(WalFile file, WalSource source, Compression compression)
            throws BackupException {
        return new WalPush(repository, this, file, source).run(compression);
    }

    /**
     * Fetches a file of the current cluster: whole, verified and durable when it returns true, no
     * file there otherwise.
     *
     * @return false when it is proven not to be there
     */
    public boolean get(WalFile file, Path destination) throws BackupException {
        Optional<StoredWal> stored = find(file);
        if (stored.isEmpty()) {
            return false;
        }
        WalFetch.run(repository, stored.get(), pass(), destination);
        return true;
    }

    /** As {@link #get(WalFile, Path)}, of the WAL of one of the stanza's clusters. */
    public boolean get(String archiveId, WalFile file, Path destination) throws BackupException {
        Optional<StoredWal> stored = find(archiveId, file);
        if (stored.isEmpty()) {
            return false;
        }
        WalFetch.run(repository, stored.get(), pass(), destination);
        return true;
    }

    /** The directories of WAL, of all clusters of the stanza: {@code 15-1}. */
    public List<String> archiveIds() throws BackupException {
        return directories(root, ARCHIVE_ID);
    }

    private List<String> directories(String path, Pattern shape) throws BackupException {
        return list(path).stream()
                .filter(ObjectInfo::isDirectory)
                .map(ObjectInfo::name)
                .filter(name -> shape.matcher(name).matches())
                .toList();
    }

    /** The history files of the timelines, by timeline. */
    public List<StoredWal> histories(String archiveId) throws BackupException {
        return stored(root + "/" + archiveId);
    }

    private List<StoredWal> stored(String directory) throws BackupException {
        return list(directory).stream()
                .filter(ObjectInfo::isFile)
                .flatMap(info -> StoredNames.parse(directory, info).stream())
                .toList();
    }

    /** The directories that segments are in, by name: their first 16 digits. */
    public List<String> directories(String archiveId) throws BackupException {
        return directories(root + "/" + archiveId, DIRECTORY);
    }

    /** What is in such a directory, by name: segments, partial ones, backup history files. */
    public List<StoredWal> files(String archiveId, String directory) throws BackupException {
        return stored(root + "/" + archiveId + "/" + directory);
    }

    /** All complete segments of the current cluster, by name. */
    public List<StoredWal> segments() throws BackupException {
        return segments("");
    }

    /** All complete segments of a timeline of the current cluster, by name. */
    public List<StoredWal> segments(int timeline) throws BackupException {
        return segments(new WalSegment(timeline, 0, 0).text().substring(0, 8));
    }

    private List<StoredWal> segments(String prefix) throws BackupException {
        List<StoredWal> segments = new ArrayList<>();
        String archiveId = archiveId();
        for (String directory : directories(archiveId)) {
            if (directory.startsWith(prefix)) {
                for (StoredWal stored : files(archiveId, directory)) {
                    if (stored.file() instanceof WalFile.Segment) {
                        segments.add(stored);
                    }
                }
            }
        }
        return segments;
    }
}
