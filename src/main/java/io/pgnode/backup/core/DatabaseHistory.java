package io.pgnode.backup.core;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The clusters of a stanza.
 *
 * @param currentId whose WAL and backups come in now
 * @param entries by id, the current one among them
 */
public record DatabaseHistory(int currentId, List<DatabaseVersion> entries) {
    public DatabaseHistory {
        entries = entries.stream().sorted(Comparator.comparingInt(DatabaseVersion::id)).toList();
        if (entries.stream().noneMatch(entry -> entry.id() == currentId)) {
            throw new IllegalArgumentException(
                    "database history must have an entry of the current id " + currentId);
        }
    }

    /** The cluster whose WAL and backups come in now. */
    public DatabaseVersion current() {
        return find(currentId).orElseThrow();
    }

    /** The directory of the current cluster's WAL: {@code 15-1}. */
    public String archiveId() {
        return current().archiveId();
    }

    /** The entry with that id. */
    public Optional<DatabaseVersion> find(int id) {
        return entries.stream().filter(entry -> entry.id() == id).findFirst();
    }

    /** With a new current cluster, of the next id. */
    public DatabaseHistory with(
            String version, String systemId, int catalogVersion, int controlVersion) {
        int next = entries.getLast().id() + 1;
        return new DatabaseHistory(
                next,
                Stream.concat(
                                entries.stream(),
                                Stream.of(
                                        new DatabaseVersion(
                                                next,
                                                version,
                                                systemId,
                                                catalogVersion,
                                                controlVersion)))
                        .toList());
    }
}
