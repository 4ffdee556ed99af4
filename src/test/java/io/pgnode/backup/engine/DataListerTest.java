package io.pgnode.backup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import io.pgnode.backup.core.ManifestFile;
import io.pgnode.backup.core.ManifestLink;
import io.pgnode.backup.core.ManifestPath;
import io.pgnode.backup.core.ManifestTarget;
import io.pgnode.backup.core.RawText;
import io.pgnode.model.Lsn;
import io.pgnode.postgres.DatabaseFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataListerTest {
    private static final String VERSION_DIRECTORY = "PG_15_202209061";
    @TempDir private Path root;
    private Path data;

    @BeforeEach
    void makeDataDirectory() throws IOException {
        data = root.resolve("data");
        file("data/global/pg_control");
        file("data/base/5/16384");
        Files.createDirectories(data.resolve("pg_tblspc"));
        Files.createDirectories(data.resolve("pg_wal/archive_status"));
        file("data/pg_wal/000000010000000000000001");
        file("data/postmaster.pid");
    }

    private Path file(String name) throws IOException {
        Path path = root.resolve(name);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, "1234");
    }

    private void link(String name, Path destination) throws IOException {
        Files.createSymbolicLink(data.resolve(name), destination);
    }

    private DataLister.Listing list(DatabaseFacts.Tablespace... tablespaces)
            throws BackupException {
        return DataLister.list(
                new DatabaseFacts(
                        150004,
                        "7",
                        1300,
                        202209061,
                        false,
                        1,
                        new Lsn(1),
                        Map.of("data_directory", data.toString()),
                        List.of(),
                        List.of(tablespaces)));
    }

    private static List<String> names(DataLister.Listing listing) {
        return listing.files().stream().map(ManifestFile::name).sorted().toList();
    }

    @Test
    void listsFilesAndDirectoriesAndTheControlFileApart() throws Exception {
        DataLister.Listing listing = list();
        assertThat(names(listing)).containsExactly("pg_data/base/5/16384");
        assertThat(listing.control().name()).isEqualTo("pg_data/global/pg_control");
        assertThat(listing.control().size()).isEqualTo(4);
        assertThat(listing.paths().stream().map(ManifestPath::name))
                .containsExactlyInAnyOrder(
                        "pg_data",
                        "pg_data/base",
                        "pg_data/base/5",
                        "pg_data/global",
                        "pg_data/pg_tblspc",
                        "pg_data/pg_wal",
                        "pg_data/pg_wal/archive_status");
    }

    @Test
    void followsLinksToFilesDirectoriesAndTablespaces() throws Exception {
        file("conf/a.conf");
        file("logs/1.log");
        file("space/" + VERSION_DIRECTORY + "/5/16390");
        file("space/PG_14_202107181/5/16390");
        link("a.conf", root.resolve("conf/a.conf"));
        link("log", root.resolve("logs"));
        link("pg_tblspc/16385", root.resolve("space"));
        DataLister.Listing listing =
                list(new DatabaseFacts.Tablespace("ts", 16385, root.resolve("space").toString()));
        assertThat(names(listing))
                .containsExactly(
                        "pg_data/a.conf",
                        "pg_data/base/5/16384",
                        "pg_data/log/1.log",
                        "pg_tblspc/16385/" + VERSION_DIRECTORY + "/5/16390");
        assertThat(listing.targets().stream().map(ManifestTarget::name))
                .containsExactlyInAnyOrder(
                        "pg_data", "pg_data/a.conf", "pg_data/log", "pg_tblspc/16385");
        assertThat(listing.links().stream().map(ManifestLink::name))
                .containsExactlyInAnyOrder(
                        "pg_data/a.conf", "pg_data/log", "pg_data/pg_tblspc/16385");
        assertThat(listing.paths().stream().map(ManifestPath::name))
                .contains("pg_tblspc", "pg_tblspc/16385", "pg_data/log");
    }

    @Test
    void keepsNamesThatAreNotUtf8() throws Exception {
        String name = RawText.decode(new byte[] {'n', (byte) 0xE9});
        Files.writeString(FileNames.below(data, name), "x");
        assertThat(names(list())).contains("pg_data/" + name);
    }

    @Test
    void refusesLinksThatCouldNotBeRestored() throws Exception {
        Files.createDirectories(root.resolve("space/inner"));
        link("one", root.resolve("space"));
        link("two", root.resolve("space/inner"));
        refuses("one inside the other");
        Files.delete(data.resolve("two"));
        link("two", root.resolve("space"));
        refuses("it is the directory of");
        Files.delete(data.resolve("two"));
        link("two", data.resolve("base"));
        refuses("must not be in the data directory");
        Files.delete(data.resolve("two"));
        link("two", root.resolve("nothing"));
        refuses("does not exist");
        Files.delete(data.resolve("two"));
        Files.createSymbolicLink(root.resolve("hop"), root.resolve("space"));
        link("two", root.resolve("hop"));
        refuses("must not be a link itself");
    }

    private void refuses(String why) {
        BackupException e = catchThrowableOfType(BackupException.class, this::list);
        assertThat(e.exit()).isEqualTo(BackrestExit.LINK_DESTINATION);
        assertThat(e).hasMessageContaining(why);
    }

    @Test
    void saysWhatItSkippedAndWhatIsMissing() throws Exception {
        link("pg_tblspc/99", Files.createDirectory(root.resolve("dropped")));
        assertThat(list().warnings()).singleElement().asString().contains("pg_tblspc/99");
        Files.delete(data.resolve("global/pg_control"));
        BackupException e = catchThrowableOfType(BackupException.class, this::list);
        assertThat(e.exit()).isEqualTo(BackrestExit.FILE_MISSING);
    }
}
