package io.pgnode.backup.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.backup.core.WalFile;
import io.pgnode.testing.PgBackRest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Segments a second of the resident archiver beside pgBackRest's, on the same WAL. The start of the
 * process that PostgreSQL runs is in pgBackRest's number only; natively ours takes a few
 * milliseconds more.
 */
@Tag("bench")
class ArchiveBench {
    @Test
    void segmentsASecond() throws Exception {
        try (ArchiveLab lab = new ArchiveLab(PgBackRest.stock(), Map.of("compress-type", "zst"))) {
            lab.primary.sql("ALTER SYSTEM SET archive_command = 'false'");
            lab.primary.sql("SELECT pg_reload_conf()");
            lab.primary.pgbench("-i", "-s", "8");
            lab.primary.switchWal();
            List<Path> segments = lab.primary.segments();
            List<Path> complete = segments.subList(1, segments.size() - 1);
            double theirPush = perSecond(complete, path -> lab.stock.must("archive-push", path));
            double theirGet =
                    perSecond(
                            complete, path -> lab.stock.must("archive-get", name(path), out(lab)));
            empty(lab);
            try (Archiver _ = Archiver.start(ArchiveEntry.load(lab.conf()), _ -> allowed())) {
                ArchiverClient client = new ArchiverClient(lab.run.resolve(ArchiveSettings.SOCKET));
                double push =
                        perSecond(
                                complete,
                                path -> done(client, new ArchiverWire.Request.Push(path)));
                double get =
                        perSecond(
                                complete,
                                path ->
                                        done(
                                                client,
                                                new ArchiverWire.Request.Get(
                                                        name(path), inWal(lab))));
                System.out.printf(
                        "archive-push: %.1f segments/s, pgBackRest %.1f%n"
                                + "archive-get: %.1f segments/s, pgBackRest %.1f%n",
                        push, theirPush, get, theirGet);
            }
            assertThat(lab.archived()).contains(name(complete.getLast().toString()));
        }
    }

    private static ArchiveGuard.Answer allowed() {
        return new ArchiveGuard.Answer.Allowed(1);
    }

    private interface Work {
        void run(String path) throws IOException;
    }

    private static double perSecond(List<Path> segments, Work work) throws IOException {
        long start = System.nanoTime();
        for (Path segment : segments) {
            work.run(segment.toString());
        }
        return segments.size() * 1e9 / (System.nanoTime() - start);
    }

    private static void done(ArchiverClient client, ArchiverWire.Request request)
            throws IOException {
        assertThat(client.ask(request)).isEqualTo(new ArchiverWire.Answer.Done(0, ""));
    }

    private static String name(String path) {
        return WalFile.parse(String.valueOf(Path.of(path).getFileName())).name();
    }

    private static String out(ArchiveLab lab) {
        return lab.root.resolve("out").toString();
    }

    private static String inWal(ArchiveLab lab) {
        return lab.data.resolve("pg_wal/BENCH").toString();
    }

    private static void empty(ArchiveLab lab) throws IOException {
        try (var files = Files.walk(lab.root.resolve("repo/archive/demo/15-1"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
    }
}
