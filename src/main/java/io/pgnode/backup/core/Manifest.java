package io.pgnode.backup.core;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The file {@code backup.manifest}: all that is known of a backup.
 *
 * <p>Immutable. Files are kept in columns, some 150 bytes each; a {@link ManifestFile} is made when
 * asked for.
 */
public final class Manifest {
    /** What the file is called. */
    public static final String FILE = "backup.manifest";

    /** The target that is the data directory, and what its files' names start with. */
    public static final String PG_DATA = "pg_data";

    /** What names of tablespaces' targets start with. */
    public static final String PG_TBLSPC = "pg_tblspc";

    /**
     * @throws FormatException when it is damaged or not such a file
     */
    public static Manifest parse(byte[] file) throws FormatException {
        throw new UnsupportedOperationException();
    }

    /** The file, byte for byte as pgBackRest writes it. */
    public byte[] render() {
        throw new UnsupportedOperationException();
    }

    public static Builder builder() {
        throw new UnsupportedOperationException();
    }

    /** A builder that has all of this. */
    public Builder toBuilder() {
        throw new UnsupportedOperationException();
    }

    public ManifestHeader header() {
        throw new UnsupportedOperationException();
    }

    public BackupLabel label() {
        return header().label();
    }

    public DatabaseVersion database() {
        throw new UnsupportedOperationException();
    }

    public ManifestOptions options() {
        throw new UnsupportedOperationException();
    }

    /** What this backup's files are encrypted with; null without encryption. */
    public @Nullable String cipherPass() {
        throw new UnsupportedOperationException();
    }

    /** By name; the data directory is the first. */
    public List<ManifestTarget> targets() {
        throw new UnsupportedOperationException();
    }

    /** By name. */
    public List<ManifestDatabase> databases() {
        throw new UnsupportedOperationException();
    }

    public Map<String, String> annotation() {
        throw new UnsupportedOperationException();
    }

    /** By name. */
    public List<ManifestPath> paths() {
        throw new UnsupportedOperationException();
    }

    /** By name. */
    public List<ManifestLink> links() {
        throw new UnsupportedOperationException();
    }

    public int fileCount() {
        throw new UnsupportedOperationException();
    }

    /**
     * @param index from 0, by name
     */
    public ManifestFile file(int index) {
        throw new UnsupportedOperationException();
    }

    /** All files, by name. */
    public Stream<ManifestFile> files() {
        throw new UnsupportedOperationException();
    }

    public Optional<ManifestFile> find(String name) {
        throw new UnsupportedOperationException();
    }

    /** All backups that hold files of this one, itself last. */
    public List<BackupLabel> references() {
        throw new UnsupportedOperationException();
    }

    /** Whether pages with wrong checksums were found. */
    public boolean hasErrors() {
        throw new UnsupportedOperationException();
    }

    /** Its line for {@code backup.info}. */
    public BackupSummary summary() {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes a manifest, or a changed one. One thread at a time. What comes twice by the same name
     * replaces the earlier one.
     */
    public static final class Builder {
        private Builder() {}

        /** Needed. */
        public Builder header(ManifestHeader header) {
            throw new UnsupportedOperationException();
        }

        /** Needed. */
        public Builder database(DatabaseVersion database) {
            throw new UnsupportedOperationException();
        }

        /** Needed. */
        public Builder options(ManifestOptions options) {
            throw new UnsupportedOperationException();
        }

        public Builder cipherPass(@Nullable String pass) {
            throw new UnsupportedOperationException();
        }

        public Builder annotation(Map<String, String> annotation) {
            throw new UnsupportedOperationException();
        }

        public Builder target(ManifestTarget target) {
            throw new UnsupportedOperationException();
        }

        public Builder database(ManifestDatabase database) {
            throw new UnsupportedOperationException();
        }

        public Builder path(ManifestPath path) {
            throw new UnsupportedOperationException();
        }

        public Builder link(ManifestLink link) {
            throw new UnsupportedOperationException();
        }

        public Builder file(ManifestFile file) {
            throw new UnsupportedOperationException();
        }

        public Builder removeFile(String name) {
            throw new UnsupportedOperationException();
        }

        public Optional<ManifestFile> find(String name) {
            throw new UnsupportedOperationException();
        }

        /** What was given so far; the builder can go on afterwards. */
        public Manifest build() {
            throw new UnsupportedOperationException();
        }
    }
}
