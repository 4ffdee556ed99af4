package io.pgnode.backup.upkeep;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupInfo;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.BackupSummary;
import io.pgnode.backup.core.ExpirePlan;
import io.pgnode.backup.core.ExpireRequest;
import io.pgnode.backup.core.RetentionPolicy;
import io.pgnode.backup.repo.Repository;
import io.pgnode.backup.storage.ObjectInfo;
import io.pgnode.config.Secret;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Removes backups and WAL that retention does not keep, in an order that a kill at any moment does
 * not harm: what is left is complete or invisible, and the next run brings it to an end.
 *
 * <ol>
 *   <li>manifests, newest backup first: without one a backup is none
 *   <li>the lines of {@code backup.info}, the link {@code latest}
 *   <li>directories of backups
 *   <li>WAL, then manifests of the history
 * </ol>
 *
 * <p>The newest backup that is not complete stays: it may be running on another host. The caller
 * holds the stanza's backup lock.
 */
public final class Expirer {
    private static final Logger LOG = Logger.getLogger(Expirer.class);

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyyMMdd");
    private static final String HISTORY_SUFFIX = ".manifest.gz";

    private final Repository repository;
    private final RetentionPolicy policy;
    private final ZoneId zone;

    /**
     * @param zone that labels are made in
     */
    public Expirer(Repository repository, RetentionPolicy policy, ZoneId zone) {
        this.repository = repository;
        this.policy = policy;
        this.zone = zone;
    }

    /**
     * @param dryRun whether to say only what would be removed
     * @throws BackupException as {@link ExpirePlan#of}, before anything is removed; or when the
     *     repository fails, and then running it again goes on
     */
    public ExpireResult run(ExpireRequest request, boolean dryRun) throws BackupException {
        StanzaState state = StanzaState.read(repository);
        repository.archive().refresh();
        ExpirePlan plan =
                ExpirePlan.of(
                        state.info(), repository.archive().info().databases(), policy, request);
        Set<BackupLabel> removed = new HashSet<>(state.dropped());
        plan.removals().forEach(removal -> removed.add(removal.label()));
        List<BackupLabel> directories = leftovers(state, plan);
        if (!dryRun) {
            removeBackups(state, plan, removed, directories);
        }
        List<ExpireResult.RemovedWal> wal = new WalExpirer(repository, dryRun).expire(plan.wal());
        List<String> history = history(plan, request, dryRun);
        List<String> notes = new ArrayList<>(state.notes());
        notes.addAll(plan.notes());
        ExpireResult result =
                new ExpireResult(repository.key(), plan, directories, wal, history, notes);
        if (!dryRun) {
            LOG.infof(
                    "expired repo=%d stanza=%s backups=%d directories=%d wal=%d",
                    (Object) repository.key(),
                    repository.stanza(),
                    plan.removals().size(),
                    directories.size(),
                    wal.size());
        }
        return result;
    }

    private void removeBackups(
            StanzaState state,
            ExpirePlan plan,
            Set<BackupLabel> removed,
            List<BackupLabel> directories)
            throws BackupException {
        for (ExpirePlan.Decision removal : plan.removals()) {
            removeManifest(removal.label());
        }
        if (!removed.isEmpty() || !state.added().isEmpty()) {
            repository.backups().update(info -> corrected(info, state, removed));
            repository.backups().relinkLatest();
        }
        rewriteInfo();
        for (BackupLabel label : directories) {
            repository.backups().removeFiles(label);
        }
    }

    /** A kill between the info file and its copy left them different; a damaged one heals, too. */
    private void rewriteInfo() throws BackupException {
        byte[] content = repository.backups().info().render();
        String path = Upkeep.backup(repository) + "/" + BackupInfo.FILE;
        Secret pass = repository.settings().pass();
        if (has(path, pass, content) && has(path + Upkeep.COPY, pass, content)) {
            return;
        }
        try {
            repository.files().putInfo(path, content, pass);
        } catch (IOException e) {
            throw Upkeep.notWritten(repository, "writing " + path, e);
        }
    }

    private boolean has(String path, @Nullable Secret pass, byte[] content) {
        try {
            return Arrays.equals(repository.files().read(path, pass, InfoCheck.MAX_BYTES), content);
        } catch (IOException e) {
            return false;
        }
    }

    /** The copy first: a copy without manifest would look like a backup that can be resumed. */
    private void removeManifest(BackupLabel label) throws BackupException {
        String manifest = Upkeep.manifest(repository, label);
        try {
            repository.storage().remove(manifest + Upkeep.COPY);
            repository.storage().remove(manifest);
        } catch (IOException e) {
            throw Upkeep.notWritten(repository, "removal of the manifest of " + label, e);
        }
    }

    private static BackupInfo corrected(
            BackupInfo info, StanzaState state, Set<BackupLabel> removed) {
        BackupInfo corrected = info;
        for (BackupSummary added : state.added()) {
            corrected = corrected.with(added);
        }
        for (BackupLabel label : removed) {
            corrected = corrected.without(label);
        }
        return corrected;
    }

    /** Directories to remove, newest first. */
    private List<BackupLabel> leftovers(StanzaState state, ExpirePlan plan) throws BackupException {
        Set<BackupLabel> needed = new HashSet<>(state.unclear());
        for (ExpirePlan.Decision decision : plan.kept()) {
            needed.add(decision.label());
            needed.addAll(decision.backup().reference());
        }
        List<BackupLabel> leftovers = new ArrayList<>();
        for (BackupLabel label : state.directories().reversed()) {
            if (!needed.contains(label) && !state.isUnfinished(label, repository)) {
                leftovers.add(label);
            }
        }
        return leftovers;
    }

    /** Manifests of the history that are older than the days it is kept, and of no backup. */
    private List<String> history(ExpirePlan plan, ExpireRequest request, boolean dryRun)
            throws BackupException {
        Integer days = policy.historyDays();
        if (days == null) {
            return List.of();
        }
        String oldest =
                DAY.format(
                        LocalDateTime.ofInstant(request.now().minus(Duration.ofDays(days)), zone));
        Set<String> kept = new HashSet<>();
        plan.kept().forEach(decision -> kept.add(decision.label().text()));
        String directory = Upkeep.backup(repository) + "/" + Upkeep.HISTORY;
        List<String> expired = new ArrayList<>();
        try {
            for (ObjectInfo year : repository.storage().list(directory)) {
                if (!year.isDirectory()) {
                    continue;
                }
                for (ObjectInfo file : repository.storage().list(directory + "/" + year.name())) {
                    String path = directory + "/" + year.name() + "/" + file.name();
                    if (isExpired(file.name(), oldest, kept)) {
                        expired.add(path);
                    }
                }
            }
            if (!dryRun && !expired.isEmpty()) {
                repository.storage().removeAll(expired);
            }
        } catch (IOException e) {
            throw Upkeep.notWritten(repository, "expiry of " + directory, e);
        }
        return expired;
    }

    private static boolean isExpired(String file, String oldest, Set<String> kept) {
        if (!file.endsWith(HISTORY_SUFFIX)) {
            return false;
        }
        String label = file.substring(0, file.length() - HISTORY_SUFFIX.length());
        return BackupLabel.isLabel(label)
                && !kept.contains(label)
                && label.substring(0, oldest.length()).compareTo(oldest) < 0;
    }
}
