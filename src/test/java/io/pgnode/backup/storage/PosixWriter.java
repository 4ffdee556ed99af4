package io.pgnode.backup.storage;

import java.io.IOException;
import java.nio.file.Path;

/** Writes objects until it is killed; says when the first one is there. */
final class PosixWriter {
    static final int SIZE = 300_000;

    private PosixWriter() {}

    static void main(String[] args) throws IOException {
        byte[] content = StorageContract.random(SIZE);
        try (Storage storage = Storages.open(new StorageSettings.Posix(Path.of(args[0])))) {
            for (int i = 0; ; i++) {
                storage.put("w/" + i % 50, content);
                if (i == 0) {
                    System.out.write('\n');
                    System.out.flush();
                }
            }
        }
    }
}
