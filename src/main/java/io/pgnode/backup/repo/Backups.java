package io.pgnode.backup.repo;

import io.pgnode.backup.codec.Filters;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.core.CompressType;
import io.pgnode.backup.core.FormatException;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.storage.ObjectInfo;
import io.pgnode.config.Secret;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A stanza's backups. Writers hold the stanza's backup lock. */
public final class Backups {
    private static final String MANIFEST_COPY = Manifest.FILE + RepositoryFiles.COPY;
    private static final String HISTORY = "backup.history";
    private static final String LATEST = "latest";
    private static final int MANIFEST_LIMIT = 1 << 30;

    private final Repository repository;
    private final String root;

    Backups(Repository repository) {
        this.repository = repository;
        this.root = "backup/" + repository.stanza();
    }

    /** Something of the storage that may fail. */
    @FunctionalInterface
    private interface Work<T extends @Nullable Object> {
        T run() throws IOException, BackupException;
    }

    private <T extends @Nullable Object> T doing(String what, Work<T> work) throws BackupException {
        try {
            return work.run();
        } catch (IOException e) {
            throw Failures.of("cannot " + what + " in " + repository.describe(), e);
        }
    }

    /** Where they are in the storage: {@code backup/main}. */
    public String directory() {
        return root;
    }

    /** Where a backup's files are: {@code backup/main/20261121-010203F}. */
    public String directory(BackupLabel label) {
        return root + "/" + label;
    }

    private String infoPath() {
        return root + "/" + BackupInfo.FILE;
    }

    /**
     * The info file as it is now.
     *
     * @throws BackupException {@code FILE_MISSING} when the stanza was not created
     */
    public BackupInfo info() throws BackupException {
        return readInfo().orElseThrow(this::missing);
    }

    /** The info file as it is now; empty when there is none. */
    Optional<BackupInfo> readInfo() throws BackupException {
        return doing(
                "read the backups",
                () ->
                        repository
                                .files()
                                .readInfo(
                                        infoPath(),
                                        repository.settings().pass(),
                                        BackupInfo::parse));
    }

    void writeInfo(BackupInfo info) throws BackupException {
        doing(
                "write the list of backups",
                () -> {
                    repository
                            .files()
                            .putInfo(infoPath(), info.render(), repository.settings().pass());
                    return null;
                });
    }

    private BackupException missing() {
        return new BackupException(
                BackrestExit.FILE_MISSING,
                "stanza "
                        + repository.stanza()
                        + " does not exist in "
                        + repository.describe()
                        + ": it has no "
                        + BackupInfo.FILE,
                "create the stanza, and see that the repository's path and stanza are right");
    }

    /** Replaces the info file and its copy, unless nothing changes. */
    public BackupInfo update(UnaryOperator<BackupInfo> change) throws BackupException {
        BackupInfo before = info();
        BackupInfo after = change.apply(before);
        if (!after.equals(before)) {
            writeInfo(after);
        }
        return after;
    }

    /** What manifests are encrypted with; null for none. */
    public @Nullable Secret pass() throws BackupException {
        return pass(info());
    }

    private static @Nullable Secret pass(BackupInfo info) {
        return info.cipherPass() == null ? null : new Secret(info.cipherPass());
    }

    /**
     * The manifest of a complete backup, or its copy when it is damaged.
     *
     * @throws BackupException {@code FILE_MISSING} when there is no such backup
     */
    public Manifest manifest(BackupLabel label) throws BackupException {
        return manifest(label, pass());
    }

    private Manifest manifest(BackupLabel label, @Nullable Secret pass) throws BackupException {
        if (!isComplete(label)) {
            throw new BackupException(
                    BackrestExit.FILE_MISSING,
                    "backup " + label + " is not in " + repository.describe() + ", or incomplete",
                    "see which backups there are");
        }
        return doing(
                "read the manifest of " + label,
                () ->
                        repository
                                .files()
                                .readInfo(
                                        directory(label) + "/" + Manifest.FILE,
                                        pass,
                                        MANIFEST_LIMIT,
                                        Manifest::parse)
                                .orElseThrow(
                                        () ->
                                                new BackupException(
                                                        BackrestExit.FILE_MISSING,
                                                        "backup " + label + " was removed")));
    }

    private boolean isComplete(BackupLabel label) throws BackupException {
        return exists(label, Manifest.FILE);
    }

    private boolean exists(BackupLabel label, String file) throws BackupException {
        return doing(
                "look for " + label,
                () ->
                        repository
                                .storage()
                                .info(directory(label) + "/" + file)
                                .filter(ObjectInfo::isFile)
                                .isPresent());
    }

    /** Directories of backups, whether they are complete or not, by label. */
    public List<BackupLabel> labels() throws BackupException {
        return doing(
                "list backups",
                () ->
                        repository.storage().list(root).stream()
                                .filter(ObjectInfo::isDirectory)
                                .map(ObjectInfo::name)
                                .filter(BackupLabel::isLabel)
                                .map(BackupLabel::new)
                                .sorted()
                                .toList());
    }

    /** The newest backup that was begun and has no manifest yet, if its copy can be read. */
    public Optional<Manifest> unfinished() throws BackupException {
        Secret pass = pass();
        for (BackupLabel label : unfinishedLabels().reversed()) {
            if (exists(label, MANIFEST_COPY)) {
                return unfinished(label, pass);
            }
        }
        return Optional.empty();
    }

    private Optional<Manifest> unfinished(BackupLabel label, @Nullable Secret pass)
            throws BackupException {
        try {
            byte[] file =
                    repository
                            .files()
                            .read(directory(label) + "/" + MANIFEST_COPY, pass, MANIFEST_LIMIT);
            return Optional.of(Manifest.parse(file));
        } catch (FormatException e) {
            // Written by half: nothing can be resumed from it.
            return Optional.empty();
        } catch (IOException e) {
            if (RepositoryFiles.isMissing(e) || e instanceof UnreadableException) {
                return Optional.empty();
            }
            throw Failures.of("cannot read the unfinished backup " + label, e);
        }
    }

    /** Directories of backups that were begun and have no manifest, by label. */
    public List<BackupLabel> unfinishedLabels() throws BackupException {
        List<BackupLabel> unfinished = new ArrayList<>();
        for (BackupLabel label : labels()) {
            if (!isComplete(label)) {
                unfinished.add(label);
            }
        }
        return unfinished;
    }

    /** Saves what is known of a backup that goes on. */
    public void saveUnfinished(Manifest manifest) throws BackupException {
        put(manifest, MANIFEST_COPY, manifest.render(), pass());
    }

    private void put(Manifest manifest, String name, byte[] content, @Nullable Secret pass)
            throws BackupException {
        doing(
                "write the manifest of " + manifest.label(),
                () -> {
                    repository.files().put(directory(manifest.label()) + "/" + name, content, pass);
                    return null;
                });
    }

    /**
     * Makes a backup visible, in pgBackRest's order: its manifest's copy and the manifest, the
     * history, the link {@code latest}, the line in the info file. All its files are durable.
     */
    public void complete(Manifest manifest) throws BackupException {
        Secret pass = pass();
        byte[] content = manifest.render();
        put(manifest, MANIFEST_COPY, content, pass);
        put(manifest, Manifest.FILE, content, pass);
        putHistory(manifest, content, pass);
        linkLatest(manifest.label());
        update(info -> info.with(manifest.summary()));
    }

    private void putHistory(Manifest manifest, byte[] content, @Nullable Secret pass)
            throws BackupException {
        BackupLabel label = manifest.label();
        doing(
                "write the history of " + label,
                () -> {
                    byte[] compressed =
                            Filters.apply(
                                    Filters.compressor(
                                            CompressType.GZ, CompressType.GZ.defaultLevel(), false),
                                    content);
                    repository.files().put(historyPath(label), compressed, pass);
                    return null;
                });
    }

    private String historyPath(BackupLabel label) {
        return root
                + "/"
                + HISTORY
                + "/"
                + label.stamp().substring(0, 4)
                + "/"
                + label
                + ".manifest"
                + CompressType.GZ.suffix();
    }

    private void linkLatest(BackupLabel label) throws BackupException {
        if (repository.storage().hasLinks()) {
            doing(
                    "link the latest backup",
                    () -> {
                        repository.storage().link(root + "/" + LATEST, label.text());
                        return null;
                    });
        }
    }

    /**
     * Makes a backup invisible, in pgBackRest's order: its manifest goes, then its line in the info
     * file. Its files stay; see {@link #removeFiles}. Those that depend on it are forgotten before.
     */
    public void forget(BackupLabel label) throws BackupException {
        doing(
                "remove the manifest of " + label,
                () -> {
                    repository.storage().remove(directory(label) + "/" + Manifest.FILE);
                    repository.storage().remove(directory(label) + "/" + MANIFEST_COPY);
                    return null;
                });
        update(info -> info.without(label));
    }

    /** Removes the directory of a backup that is forgotten or unfinished. */
    public void removeFiles(BackupLabel label) throws BackupException {
        if (isComplete(label)) {
            throw new BackupException(
                    BackrestExit.ASSERT, "backup " + label + " is complete, its files must stay");
        }
        doing(
                "remove the files of " + label,
                () -> {
                    repository.storage().removeTree(directory(label));
                    return null;
                });
    }

    /**
     * Removes {@code latest} when what it points to is gone; otherwise lets it point to the newest
     * complete backup.
     */
    public void relinkLatest() throws BackupException {
        if (!repository.storage().hasLinks()) {
            return;
        }
        List<BackupSummary> backups = info().backups();
        if (backups.isEmpty()) {
            doing(
                    "remove the link to the latest backup",
                    () -> {
                        repository.storage().remove(root + "/" + LATEST);
                        return null;
                    });
            return;
        }
        linkLatest(
                backups.stream()
                        .map(BackupSummary::label)
                        .max(Comparator.comparing(BackupLabel::stamp))
                        .orElseThrow());
    }

    /**
     * Makes the info file agree with what is there, as after a kill in the middle of {@link
     * #complete} or {@link #forget}: lines of backups without a manifest go, lines of backups of
     * the current cluster that have one come.
     *
     * @return labels whose lines changed
     */
    public List<BackupLabel> reconcile() throws BackupException {
        BackupInfo before = info();
        BackupInfo after = before;
        List<BackupLabel> changed = new ArrayList<>();
        for (BackupSummary backup : before.backups()) {
            if (!isComplete(backup.label())) {
                after = after.without(backup.label());
                changed.add(backup.label());
            }
        }
        for (BackupLabel label : labels()) {
            if (before.find(label).isEmpty() && isComplete(label)) {
                Manifest manifest = manifest(label, pass(before));
                if (belongs(manifest, after)) {
                    after = after.with(manifest.summary());
                    changed.add(label);
                }
            }
        }
        if (!changed.isEmpty()) {
            writeInfo(after);
        }
        return changed;
    }

    private static boolean belongs(Manifest manifest, BackupInfo info) {
        BackupLabel prior = manifest.header().prior();
        return info.databases()
                        .find(manifest.database().id())
                        .filter(
                                database ->
                                        database.is(
                                                manifest.database().systemId(),
                                                manifest.database().version()))
                        .isPresent()
                && (prior == null || info.find(prior).isPresent());
    }
}
