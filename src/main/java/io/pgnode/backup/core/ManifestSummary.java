package io.pgnode.backup.core;

import java.util.List;

/** Derives a backup's line in {@code backup.info} from its manifest. */
final class ManifestSummary {
    private long size;
    private long sizeDelta;
    private long repoSize;
    private long repoSizeDelta;
    private long mapSize;
    private long mapSizeDelta;

    private ManifestSummary() {}

    static BackupSummary of(Manifest manifest) {
        ManifestSummary sums = new ManifestSummary();
        manifest.files().forEach(sums::add);
        ManifestHeader header = manifest.header();
        List<BackupLabel> references =
                manifest.references().stream()
                        .filter(label -> !label.equals(header.label()))
                        .toList();
        return new BackupSummary(
                header.label(),
                header.type(),
                header.prior(),
                references,
                InfoWriter.FORMAT,
                header.backrestVersion(),
                manifest.annotation(),
                header.archiveStart(),
                header.archiveStop(),
                header.lsnStart(),
                header.lsnStop(),
                header.timestampStart(),
                header.timestampStop(),
                manifest.hasErrors(),
                sums.sizes(header.blockIncremental()),
                manifest.database().id(),
                options(manifest.options()));
    }

    private void add(ManifestFile file) {
        BlockIncremental block = file.block();
        size += file.size();
        repoSize += file.repoSize();
        mapSize += block == null ? 0 : block.mapSize();
        if (file.reference() == null) {
            sizeDelta += file.size();
            repoSizeDelta += file.repoSize();
            mapSizeDelta += block == null ? 0 : block.mapSize();
        }
    }

    private BackupSizes sizes(boolean withMaps) {
        return new BackupSizes(
                size,
                sizeDelta,
                repoSize,
                repoSizeDelta,
                withMaps ? mapSize : null,
                withMaps ? mapSizeDelta : null);
    }

    private static BackupSummary.Options options(ManifestOptions options) {
        return new BackupSummary.Options(
                options.archiveCheck(),
                options.archiveCopy(),
                Boolean.TRUE.equals(options.backupStandby()),
                Boolean.TRUE.equals(options.checksumPage()),
                options.compress(),
                options.hardlink(),
                options.online());
    }
}
