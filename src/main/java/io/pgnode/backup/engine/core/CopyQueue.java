package io.pgnode.backup.engine.core;

import io.pgnode.backup.core.Manifest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;

/**
 * The files to be read, the largest first, by tablespace: workers begin at different ones, so that
 * disks share the load. Not for several threads at once.
 */
public final class CopyQueue {
    private final List<Deque<CopyJob>> queues = new ArrayList<>();
    private final boolean bundle;
    private final long bundleLimit;
    private final long bundleSize;

    /**
     * What one worker does in one go.
     *
     * @param isBundle whether they are stored together; one file alone when not
     */
    public record Batch(List<CopyJob> jobs, boolean isBundle) {
        public Batch {
            jobs = List.copyOf(jobs);
        }
    }

    /**
     * @param bundle whether small files are bundled
     * @param bundleLimit bytes of the largest small file
     * @param bundleSize bytes of files, about, in a bundle
     */
    public CopyQueue(List<CopyJob> jobs, boolean bundle, long bundleLimit, long bundleSize) {
        this.bundle = bundle;
        this.bundleLimit = bundleLimit;
        this.bundleSize = bundleSize;
        TreeMap<String, List<CopyJob>> byTarget = new TreeMap<>();
        for (CopyJob job : jobs) {
            byTarget.computeIfAbsent(target(job.file().name()), _ -> new ArrayList<>()).add(job);
        }
        for (List<CopyJob> ofTarget : byTarget.values()) {
            ofTarget.sort(
                    Comparator.<CopyJob>comparingLong(job -> job.file().size())
                            .reversed()
                            .thenComparing(job -> job.file().name()));
            queues.add(new ArrayDeque<>(ofTarget));
        }
    }

    private static String target(String name) {
        String prefix = Manifest.PG_TBLSPC + "/";
        return name.startsWith(prefix)
                ? name.substring(0, name.indexOf('/', prefix.length()))
                : Manifest.PG_DATA;
    }

    /**
     * @param worker from 0
     * @return no jobs when there are none left
     */
    public Batch next(int worker) {
        for (int i = 0; i < queues.size(); i++) {
            Deque<CopyJob> queue = queues.get((worker + i) % queues.size());
            if (!queue.isEmpty()) {
                return isSmall(queue.getFirst())
                        ? bundle(queue)
                        : new Batch(List.of(queue.removeFirst()), false);
            }
        }
        return new Batch(List.of(), false);
    }

    private boolean isSmall(CopyJob job) {
        return bundle && job.file().size() <= bundleLimit;
    }

    private Batch bundle(Deque<CopyJob> queue) {
        List<CopyJob> jobs = new ArrayList<>();
        long size = 0;
        while (!queue.isEmpty() && (jobs.isEmpty() || size < bundleSize)) {
            CopyJob job = queue.removeFirst();
            jobs.add(job);
            size += job.file().size();
        }
        return new Batch(jobs, true);
    }
}
