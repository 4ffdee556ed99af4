package io.pgnode.backup.engine;

import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.BackupLabel;
import io.pgnode.backup.core.Manifest;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.repo.Backups;
import io.pgnode.backup.storage.ObjectInfo;
import io.pgnode.backup.storage.Storage;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * What an earlier run stored in the directory of a backup that it did not complete.
 *
 * @param manifest as it was saved last
 * @param objects sizes of what is in the directory, by path below it
 */
record Unfinished(Manifest manifest, Map<String, Long> objects) {
    private static final Logger LOG = Logger.getLogger(Unfinished.class);
    private static final Pattern BUNDLE = Pattern.compile("bundle/(\\d{1,18})");

    /**
     * @param now writers that were killed before left nothing that is needed
     */
    static Unfinished read(Manifest manifest, Storage storage, Backups backups, Instant now)
            throws BackupException {
        String directory = backups.directory(manifest.label());
        try {
            int removed = storage.removeUnfinished(directory, now);
            LOG.debugf("directory=%s removed=%d", directory, removed);
        } catch (IOException e) {
            throw Failures.of("cannot tidy up " + directory, e);
        }
        return new Unfinished(manifest, objects(storage, backups.directory(manifest.label())));
    }

    private static Map<String, Long> objects(Storage storage, String directory)
            throws BackupException {
        try {
            Map<String, Long> objects = new HashMap<>();
            for (ObjectInfo object : storage.walk(directory)) {
                if (object.isFile()) {
                    objects.put(object.name(), object.size());
                }
            }
            return objects;
        } catch (IOException e) {
            throw Failures.of("cannot list " + directory, e);
        }
    }

    /** Whether all bytes of a file are there: objects appear whole. */
    boolean has(ManifestFile file) {
        Long size = objects.get(path(file, manifest));
        return size != null
                && (file.isBundled()
                        ? size >= file.bundleOffset() + file.repoSize()
                        : size == file.repoSize());
    }

    /** The highest number of a bundle; zero for none. */
    long lastBundle() {
        long last = 0;
        for (String object : objects.keySet()) {
            Matcher bundle = BUNDLE.matcher(object);
            if (bundle.matches()) {
                last = Math.max(last, Long.parseLong(bundle.group(1)));
            }
        }
        return last;
    }

    private static String path(ManifestFile file, Manifest manifest) {
        return file.isBundled()
                ? "bundle/" + file.bundleId()
                : FileCopier.nameAlone(
                        file.name(), file.block() != null, manifest.options().compression());
    }

    /** Removes what a complete manifest does not need. */
    static void tidy(Manifest complete, Storage storage, Backups backups) throws BackupException {
        Set<String> needed = new HashSet<>();
        complete.files()
                .filter(file -> file.reference() == null && file.repoSize() > 0)
                .forEach(file -> needed.add(path(file, complete)));
        BackupLabel label = complete.label();
        String directory = backups.directory(label);
        List<String> garbage = new ArrayList<>();
        for (String object : objects(storage, directory).keySet()) {
            if (!needed.contains(object) && !object.startsWith(Manifest.FILE)) {
                garbage.add(directory + "/" + object);
            }
        }
        try {
            storage.removeAll(garbage);
        } catch (IOException e) {
            throw Failures.of("cannot remove what is left of an earlier run of " + label, e);
        }
    }
}
