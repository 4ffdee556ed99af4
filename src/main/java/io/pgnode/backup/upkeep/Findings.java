package io.pgnode.backup.upkeep;

import io.pgnode.backup.core.BackupLabel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;

/** What a verification finds, from several threads. */
final class Findings {
    private final Set<VerifyReport.Damage> damages = new ConcurrentSkipListSet<>();
    private final Set<String> notes = new ConcurrentSkipListSet<>();

    /** Files of backups, by {@link #fileKey}. */
    private final Set<String> damagedFiles = ConcurrentHashMap.newKeySet();

    private final Set<BackupLabel> damagedBackups = ConcurrentHashMap.newKeySet();
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    void damaged(String path, String problem) {
        damages.add(new VerifyReport.Damage(path, problem));
    }

    /** A file of a backup; those that refer to it are damaged with it. */
    void damagedFile(BackupLabel holder, String name, String path, String problem) {
        damagedFiles.add(fileKey(holder, name));
        damaged(path, problem);
    }

    /** A backup as a whole. */
    void damagedBackup(BackupLabel label) {
        damagedBackups.add(label);
    }

    boolean isDamagedFile(BackupLabel holder, String name) {
        return damagedFiles.contains(fileKey(holder, name));
    }

    boolean isDamagedBackup(BackupLabel label) {
        return damagedBackups.contains(label);
    }

    private static String fileKey(BackupLabel holder, String name) {
        return holder + "/" + name;
    }

    void note(String note) {
        notes.add(note);
    }

    void read(long count) {
        files.incrementAndGet();
        bytes.addAndGet(count);
    }

    long files() {
        return files.get();
    }

    long bytes() {
        return bytes.get();
    }

    List<VerifyReport.Damage> damages() {
        return new ArrayList<>(new TreeSet<>(damages));
    }

    List<String> notes() {
        return List.copyOf(notes);
    }
}
