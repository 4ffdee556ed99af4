package io.pgnode.backup.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CopyListTest {
    private static final CopyList LIST = new CopyList(15, "PG_15_202209061");
    private static final CopyList LIST_17 = new CopyList(17, "PG_17_202406281");

    @ParameterizedTest
    @CsvSource({
        "'', postmaster.pid, false",
        "'', postmaster.opts, false",
        "'', backup_label, false",
        "'', backup_label.old, false",
        "'', tablespace_map, false",
        "'', backup_manifest.tmp, false",
        "'', standby.signal, false",
        "'', postgresql.auto.conf.tmp, false",
        "'', pgsql_tmp9, true",
        "base/5, pgsql_tmp12.3, false",
        "base, pgsql_tmp, true",
        "base/5, pg_internal.init, false",
        "global, pg_internal.init.1234, false",
        "pg_wal, 000000010000000000000001, false",
        "pg_wal, summaries, true",
        "pg_wal/archive_status, 000000010000000000000001.ready, false",
        "pg_replslot, slot, true",
        "pg_stat_tmp, global.stat, false",
        "pg_subtrans, 0000, false",
        "pg_tblspc/16384, PG_14_202107181, true",
        "pg_tblspc/16384, lost+found, true",
        "log, .DS_Store, false",
    })
    void keepsOut(String directory, String name, boolean isDirectory) {
        assertThat(LIST.isSkipped(directory, name, isDirectory)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "'', pg_wal, true",
        "'', postgresql.auto.conf, false",
        "'', PG_VERSION, false",
        "'', pg_replslot, true",
        "conf.d, postmaster.opts, false",
        "base/5, pg_filenode.map, false",
        "base/5, 16384, false",
        "base/5, pg_internal.initial, false",
        "pg_wal, archive_status, true",
        "pg_tblspc/16384, PG_15_202209061, true",
        "pg_tblspc/16384/PG_15_202209061, 5, true",
        "log, postgresql.log, false",
        "pg_stat, pgstat.stat, false",
    })
    void keeps(String directory, String name, boolean isDirectory) {
        assertThat(LIST.isSkipped(directory, name, isDirectory)).isFalse();
    }

    @Test
    void keepsTheDirectoryOfSummariesFrom17() {
        assertThat(LIST_17.isSkipped("pg_wal", "summaries", true)).isFalse();
        assertThat(LIST_17.isSkipped("pg_wal/summaries", "x.summary", false)).isTrue();
    }

    @Test
    void keepsOfUnloggedRelationsWhatTheyStartWithAndNothingOfTemporaryOnes() {
        assertThat(
                        CopyList.skippedRelations(
                                List.of(
                                        "16384",
                                        "16384.1",
                                        "16384_fsm",
                                        "16384_vm.2",
                                        "16384_init",
                                        "16385",
                                        "16385_fsm",
                                        "t3_16386",
                                        "t3_16386_fsm.1",
                                        "t3_16387_init",
                                        "16387",
                                        "PG_VERSION",
                                        "16384.old")))
                .containsExactlyInAnyOrder(
                        "16384",
                        "16384.1",
                        "16384_fsm",
                        "16384_vm.2",
                        "t3_16386",
                        "t3_16386_fsm.1",
                        "t3_16387_init");
    }

    @ParameterizedTest
    @CsvSource({
        "base/5/16384, 0",
        "base/5/16384.3, 393216",
        "global/1262, 0",
        "base/5/16384_fsm.1, 131072",
        "pg_tblspc/16390/PG_15_202209061/5/16391, 0",
    })
    void checksPagesOfRelations(String path, long firstBlock) {
        assertThat(CopyList.pages(path).orElseThrow().firstBlock(131072)).isEqualTo(firstBlock);
    }

    @ParameterizedTest
    @CsvSource({
        "base/5/pg_filenode.map",
        "base/5/PG_VERSION",
        "global/pg_control",
        "pg_xact/0000",
        "PG_VERSION",
        "base/16384",
        "base/5/16384.bak",
        "conf/5/16384",
    })
    void checksNoPagesOfOtherFiles(String path) {
        assertThat(CopyList.pages(path)).isEmpty();
    }
}
