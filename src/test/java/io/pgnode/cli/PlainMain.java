package io.pgnode.cli;

import io.pgnode.backup.archive.ArchiveMain;

/** The program without Quarkus, for processes that tests start from their own class path. */
public final class PlainMain {
    private PlainMain() {}

    public static void main(String... args) {
        System.exit(
                ArchiveMain.isMeant(args)
                        ? ArchiveMain.run(
                                args, System.getenv(), BackupNode::archiveSettings, System.err)
                        : PgnodeCommandLine.create(new PgnodeCommand()).execute(args));
    }
}
