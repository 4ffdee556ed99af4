package io.pgnode.backup.repo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a WAL file's content comes from; it may be read more than once. */
public interface WalSource {
    /** Bytes, about; the storage sizes its parts by it. */
    long size() throws IOException;

    /** From the beginning; the caller closes it. */
    InputStream open() throws IOException;

    static WalSource of(Path file) {
        return new WalSource() {
            @Override
            public long size() throws IOException {
                return Files.size(file);
            }

            @Override
            public InputStream open() throws IOException {
                return Files.newInputStream(file);
            }

            @Override
            public String toString() {
                return file.toString();
            }
        };
    }

    static WalSource of(byte[] content) {
        return new WalSource() {
            @Override
            public long size() {
                return content.length;
            }

            @Override
            public InputStream open() {
                return new java.io.ByteArrayInputStream(content);
            }

            @Override
            public String toString() {
                return content.length + " bytes";
            }
        };
    }
}
