package io.pgnode.gateway.pooler.ini;

import java.util.LinkedHashMap;
import java.util.Map;

/** The lines of {@code [peers]}, which must be right, and have no effect. */
final class PeerSection {
    private static final int DEFAULT_PORT = 6432;

    private final String file;
    private final PairLines lines;
    private final IniValues values;
    private final Findings findings;

    /**
     * @param file stands for it in the warning
     */
    PeerSection(String file, IniValues values, Findings findings) {
        this.file = file;
        this.lines = new PairLines("peers", IniKeys.PEER_KEYS, values, findings);
        this.values = values;
        this.findings = findings;
    }

    /** By number. */
    Map<Integer, PoolerIni.Peer> read(Map<String, IniFile.Entry> entries) {
        Map<Integer, PoolerIni.Peer> result = new LinkedHashMap<>();
        entries.forEach(
                (name, entry) -> {
                    NamedPairs pairs = lines.read(name, entry);
                    int id = values.number("peer_id", "peer", name, entry.where(), 0);
                    if (pairs != null && id > 0) {
                        result.put(
                                id,
                                new PoolerIni.Peer(
                                        id,
                                        pairs.text("host", ""),
                                        pairs.number("listen_port", "port", DEFAULT_PORT),
                                        pairs.number("default_pool_size", "pool_size", 1)));
                    }
                });
        if (!result.isEmpty()) {
            findings.warning(
                    file,
                    "[peers] has no effect here",
                    "one process serves all cores, so that cancel requests find it");
        }
        return result;
    }
}
