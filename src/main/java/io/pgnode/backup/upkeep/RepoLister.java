package io.pgnode.backup.upkeep;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackrestJson;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.storage.ObjectInfo;
import io.pgnode.backup.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lists what a storage has, as {@code pgbackrest repo-ls} does.
 *
 * @param recursive whether what is in directories is listed, too
 * @param descending by name from the last to the first, contents before their directory
 * @param filter what names must have somewhere; null for all names
 */
public record RepoLister(boolean recursive, boolean descending, @Nullable Pattern filter) {
    private static final String SELF = ".";

    /** Names, one a line. */
    public String text(Storage storage, String path) throws BackupException {
        StringBuilder text = new StringBuilder();
        for (Entry entry : entries(storage, path)) {
            text.append(entry.name()).append('\n');
        }
        return text.toString();
    }

    /** An object by name, without a line end. */
    public String json(Storage storage, String path) throws BackupException {
        List<Entry> entries = new ArrayList<>();
        List<Entry> found = entries(storage, path);
        if (filter == null && (found.isEmpty() || !found.getFirst().name().equals(SELF))) {
            entries.add(new Entry(SELF, ObjectInfo.Kind.DIRECTORY, 0, 0, null));
        }
        entries.addAll(found);
        StringBuilder json = new StringBuilder("{");
        for (Entry entry : entries) {
            json.append(json.length() == 1 ? "" : ",")
                    .append(BackrestJson.render(entry.name()))
                    .append(':')
                    .append(entry.json());
        }
        return json.append('}').toString();
    }

    /**
     * @param modified seconds since the epoch
     * @param destination of a link
     */
    private record Entry(
            String name,
            ObjectInfo.Kind kind,
            long size,
            long modified,
            @Nullable String destination) {
        String json() {
            return switch (kind) {
                case DIRECTORY -> "{\"type\":\"path\"}";
                case FILE -> "{\"type\":\"file\",\"size\":" + size + ",\"time\":" + modified + "}";
                case LINK ->
                        "{\"type\":\"link\",\"destination\":"
                                + BackrestJson.render(destination)
                                + "}";
            };
        }
    }

    private List<Entry> entries(Storage storage, String path) throws BackupException {
        try {
            Optional<ObjectInfo> self = path.isEmpty() ? Optional.empty() : storage.info(path);
            List<Entry> entries = new ArrayList<>();
            if (self.filter(ObjectInfo::isFile).isPresent()) {
                entries.add(entry(storage, path, SELF, self.get()));
            } else {
                add(storage, path, "", entries);
            }
            return entries;
        } catch (IOException e) {
            throw new BackupException(
                    BackrestExit.FILE_READ,
                    storage.describe() + " could not be listed at " + path + ": " + e.getMessage(),
                    null,
                    e);
        }
    }

    private void add(Storage storage, String directory, String prefix, List<Entry> to)
            throws IOException {
        List<ObjectInfo> objects = storage.list(directory);
        for (ObjectInfo object : descending ? objects.reversed() : objects) {
            String name = prefix + object.name();
            String path = directory.isEmpty() ? object.name() : directory + "/" + object.name();
            boolean enter = recursive && object.isDirectory();
            if (enter && descending) {
                add(storage, path, name + "/", to);
            }
            if (filter == null || filter.matcher(name).find()) {
                to.add(entry(storage, path, name, object));
            }
            if (enter && !descending) {
                add(storage, path, name + "/", to);
            }
        }
    }

    private static Entry entry(Storage storage, String path, String name, ObjectInfo object)
            throws IOException {
        return new Entry(
                name,
                object.kind(),
                object.size(),
                object.modified().getEpochSecond(),
                object.kind() == ObjectInfo.Kind.LINK
                        ? storage.linkTarget(path).orElse(null)
                        : null);
    }
}
