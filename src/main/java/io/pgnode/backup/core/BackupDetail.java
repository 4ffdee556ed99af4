package io.pgnode.backup.core;

import java.util.ArrayList;
import java.util.List;

/** What {@code info --set} says more of a backup: what its manifest knows. */
record BackupDetail(
        List<ManifestDatabase> databases,
        List<Link> links,
        List<ManifestTarget> tablespaces,
        List<String> damagedFiles) {
    private static final String DATA = Manifest.PG_DATA + "/";

    /** A symbolic link of the data directory. */
    record Link(String name, String destination) {}

    static BackupDetail of(Manifest manifest) {
        List<Link> links = new ArrayList<>();
        List<ManifestTarget> tablespaces = new ArrayList<>();
        for (ManifestTarget target : manifest.targets()) {
            if (target.type() == ManifestTarget.Type.PATH) {
                continue;
            }
            if (target.tablespaceName() != null) {
                tablespaces.add(target);
            } else if (target.file() != null) {
                links.add(new Link(target.file(), target.path() + "/" + target.file()));
            } else {
                links.add(new Link(inCluster(target.name()), target.path()));
            }
        }
        return new BackupDetail(
                manifest.databases().stream()
                        .filter(database -> database.id() > database.lastSystemId())
                        .toList(),
                links,
                tablespaces,
                manifest.files()
                        .filter(file -> file.pageCheck() != null && !file.pageCheck().valid())
                        .map(file -> inCluster(file.name()))
                        .toList());
    }

    /** A name as the cluster has it. */
    private static String inCluster(String name) {
        return name.startsWith(DATA) ? name.substring(DATA.length()) : name;
    }
}
