package io.pgnode.backup;

import io.pgnode.backup.core.CompressType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How a repository is. */
record RepositoryKind(CompressType compression, boolean bundle, boolean block, boolean cipher) {
    static final String PASS = "a pass of the repository";

    /** What a new repository is. */
    static final RepositoryKind USUAL = new RepositoryKind(CompressType.ZST, true, true, false);

    /** All that we write; blocks are only ever in bundles. */
    static List<RepositoryKind> all() {
        List<RepositoryKind> kinds = new ArrayList<>();
        for (CompressType compression : CompressType.values()) {
            if (compression == CompressType.BZ2) {
                continue;
            }
            for (boolean cipher : new boolean[] {false, true}) {
                kinds.add(new RepositoryKind(compression, false, false, cipher));
                kinds.add(new RepositoryKind(compression, true, false, cipher));
                kinds.add(new RepositoryKind(compression, true, true, cipher));
            }
        }
        return kinds;
    }

    /** In the words of pgBackRest's configuration. */
    Map<String, String> options() {
        Map<String, String> options = new HashMap<>();
        options.put("compress-type", compression.text());
        if (bundle) {
            options.put("repo1-bundle", "y");
        }
        if (block) {
            options.put("repo1-block", "y");
        }
        if (cipher) {
            options.put("repo1-cipher-type", "aes-256-cbc");
            options.put("repo1-cipher-pass", PASS);
        }
        return options;
    }

    @Override
    public String toString() {
        return compression.text()
                + (bundle ? "-bundle" : "")
                + (block ? "-block" : "")
                + (cipher ? "-cipher" : "");
    }
}
